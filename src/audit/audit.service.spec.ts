import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { PoolClient } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.js';
import { ConfigModule } from '../config/config.module.js';
import type { Config } from '../config/config.js';
import { DATABASE } from '../database/open-database.js';
import { PrismaService } from '../database/prisma.service.js';
import { LoggingModule } from '../logging/logging.module.js';
import type { Logger } from '../logging/logger.js';
import { AuditModule } from './audit.module.js';
import { type AuditEntry, toAuditRow } from './audit-row.js';
import { AuditService } from './audit.service.js';
import { copyAuditRows } from './copy-audit-rows.js';
import { insertAuditRows } from './insert-audit-rows.js';

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: { userId: 'usr_1', kind: 'oauth', credentialId: 'grant_1', credentialName: 'Claude', clientId: 'client_1' },
  transport: 'mcp',
  operation: 'get_positions',
  args: { status: 'open', action_token: 'tc_act_x' },
  outcome: 'ok',
  durationMs: 12.34567,
  upstreamMs: 2,
  requestId: 'req_1',
  traceId: 'trace_1',
  clientName: 'claude-desktop',
  address: '192.0.2.7',
  ...more,
});

describe('AuditService', () => {
  let database: TestDatabase;
  let prisma: PrismaService;
  let warn: jest.Mock;
  let error: jest.Mock;
  let service: AuditService;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });
  beforeEach(() => {
    prisma = new PrismaService({ url: database.url });
    warn = jest.fn();
    error = jest.fn();
    service = new AuditService(prisma, { warn, error } as unknown as Logger);
  });
  afterEach(async () => {
    await service.drain();
    await prisma.auditEvent.deleteMany();
    await prisma.$disconnect();
  });

  it('writes all that is known about a call, redacted', async () => {
    const before = Date.now();
    await service.record(entry());
    await service.drain();
    const [row] = await prisma.auditEvent.findMany();
    expect(row).toEqual({
      id: expect.anything(),
      at: expect.any(Date),
      userId: 'usr_1',
      credentialKind: 'oauth',
      credentialId: 'grant_1',
      credentialName: 'Claude',
      clientId: 'client_1',
      clientName: 'claude-desktop',
      transport: 'mcp',
      operation: 'get_positions',
      arguments: { status: 'open', action_token: '[redacted]' },
      outcome: 'ok',
      code: null,
      durationMs: 12.346,
      upstreamMs: 2,
      requestId: 'req_1',
      traceId: 'trace_1',
      address: '192.0.2.7',
      salt: expect.stringMatching(/^[0-9a-f-]{36}$/),
      addressSalt: expect.stringMatching(/^[0-9a-f-]{36}$/),
      personalDigest: null,
      addressDigest: null,
    });
    expect(row!.at.getTime()).toBeGreaterThanOrEqual(before);
    expect(row!.at.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('writes a call that is known by the least', async () => {
    const actor = { userId: 'usr_1', kind: 'session', credentialId: 'session', credentialName: null };
    const least = { actor, transport: 'rest', operation: 'x', durationMs: 1, requestId: 'r' };
    await service.record({ ...least, outcome: 'denied', code: 'insufficient_scope' });
    await service.drain();
    expect(await prisma.auditEvent.findMany()).toMatchObject([
      { clientId: null, credentialName: null, traceId: null, arguments: {}, upstreamMs: 0, code: 'insufficient_scope' },
    ]);
  });

  it('writes many calls in few statements, in their order', async () => {
    const statements = jest.spyOn(prisma.pool, 'connect');
    for (let i = 0; i < 2_500; i++) await service.record(entry({ requestId: `req_${i}` }));
    await service.drain();
    expect(statements.mock.calls.length).toBeLessThan(10);
    const rows = await prisma.auditEvent.findMany({ orderBy: { id: 'asc' }, select: { requestId: true } });
    expect(rows.map((row) => row.requestId)).toEqual(Array.from({ length: 2_500 }, (_, i) => `req_${i}`));
  });

  it('stores foreign text that PostgreSQL would refuse', async () => {
    const foreign = 'a\u0000b\ud800c';
    await service.record(entry({ operation: foreign, clientName: foreign, args: { symbol: foreign, [foreign]: 1 } }));
    await service.drain();
    expect(await prisma.auditEvent.findMany()).toMatchObject([
      { operation: 'abc', clientName: 'abc', arguments: { symbol: 'abc', '[unknown]': 1 } },
    ]);
    expect(error).not.toHaveBeenCalled();
  });

  it('stores what COPY would read as something else', async () => {
    const odd = 'a\\b\\N\tc\nd\re\b\f\v\\.';
    await service.record(entry({ actor: { ...entry().actor, userId: odd }, details: { token_name: '\\N "x" \\t' } }));
    await service.record(entry({ actor: { ...entry().actor, userId: '\\N' } }));
    await service.drain();
    expect(await prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })).toMatchObject([
      { userId: odd, arguments: { token_name: '\\N "x" \\t' } },
      { userId: '\\N' },
    ]);
  });

  it.each(['a\u0000b', 'a\ud800b'])(
    'logs a row that cannot be stored (%j), and stores its neighbours',
    async (userId) => {
      const impossible = { ...entry().actor, userId };
      await service.record(entry({ requestId: 'before' }));
      await service.record(entry({ requestId: 'bad', actor: impossible }));
      await service.record(entry({ requestId: 'after' }));
      await service.drain();
      const rows = await prisma.auditEvent.findMany({ orderBy: { id: 'asc' } });
      expect(rows.map((row) => row.requestId)).toEqual(['before', 'after']);
      expect(error.mock.calls).toEqual([
        [expect.objectContaining({ row: expect.objectContaining({ request_id: 'bad' }) }), expect.any(String)],
      ]);
    },
  );

  it('keeps rows while the database is away, and stores each of them once', async () => {
    await service.record(entry({ requestId: 'earlier' }));
    await service.drain();
    service = new AuditService(prisma, { warn, error } as unknown as Logger);
    const cut = Object.assign(new Error('cut'), { code: 'ECONNRESET' });
    const connect = prisma.pool.connect.bind(prisma.pool) as () => Promise<PoolClient>;
    jest.spyOn(prisma.pool, 'connect').mockImplementationOnce((async () => {
      const client = await connect();
      const release = client.release.bind(client);
      // Stored, but nobody hears of it.
      client.release = () => {
        release();
        throw cut;
      };
      return client;
    }) as never);
    const insert = prisma.$executeRaw.bind(prisma) as (...args: unknown[]) => Promise<unknown>;
    jest
      .spyOn(prisma, '$executeRaw')
      .mockImplementationOnce(((...args: unknown[]) => insert(...args).then(() => Promise.reject(cut))) as never);
    await service.record(entry({ requestId: 'one' }));
    await service.record(entry({ requestId: 'two' }));
    await service.drain();
    const rows = await prisma.auditEvent.findMany({ orderBy: { id: 'asc' } });
    expect(rows.map((row) => row.requestId)).toEqual(['earlier', 'one', 'two']);
    expect(warn).toHaveBeenCalledTimes(2);
    expect(error).not.toHaveBeenCalled();
  });
});

describe('rows that may be there already', () => {
  it('are left out, and nothing else', async () => {
    const database = await createTestDatabase();
    const prisma = new PrismaService({ url: database.url });
    try {
      const row = (requestId: string) => toAuditRow(entry({ requestId }), new Date(1_700_000_000_123));
      await copyAuditRows(prisma.pool, [row('a')]);
      await insertAuditRows(prisma, [row('a'), row('b')], true);
      await insertAuditRows(prisma, [row('a'), row('b')], true);
      expect(await prisma.auditEvent.count()).toBe(2);
      await insertAuditRows(prisma, [row('a')]);
      expect(await prisma.auditEvent.count()).toBe(3);
    } finally {
      await prisma.$disconnect();
      await database.drop();
    }
  });
});

describe('AuditModule', () => {
  it('flushes its rows at shutdown: after those who still call, before the database is closed', async () => {
    const database = await createTestDatabase();
    const probe = new PrismaService({ url: database.url });
    const events: string[] = [];

    /** Like the rooms above: it records to the last. */
    @Module({ imports: [AuditModule] })
    class CallerModule implements OnApplicationShutdown {
      constructor(private readonly audit: AuditService) {}

      async onApplicationShutdown(): Promise<void> {
        await this.audit.record(entry({ requestId: 'last' }));
      }
    }
    const stop = jest.fn(async () => {
      events.push(`database stopped with ${await probe.auditEvent.count()} rows stored`);
    });
    const secrets = { auditSigningKey: Buffer.alloc(32).toString('base64') };
    const config = { databaseUrl: database.url, secrets, audit: {} } as Config;
    const logger = { warn: jest.fn(), error: jest.fn() } as unknown as Logger;
    const testing = await Test.createTestingModule({
      imports: [CallerModule, ConfigModule.with(config), LoggingModule.with(logger)],
    })
      .overrideProvider(DATABASE)
      .useValue({ url: database.url, stop })
      .compile();
    try {
      await testing.init();
      await testing.get(AuditService, { strict: false }).record(entry({ requestId: 'first' }));
      await testing.close();
      expect(events).toEqual(['database stopped with 2 rows stored']);
      expect(logger.error).not.toHaveBeenCalled();
    } finally {
      await probe.$disconnect();
      await database.drop();
    }
  });
});
