import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { asCheckpoint, signCheckpoint } from '../../src/audit/log/checkpoint.js';
import { exportLine, verifyLine } from '../../src/audit/log/export-lines.js';
import { readHead, writeHead } from '../../src/audit/log/head-of-log.js';
import { LogVerifier } from '../../src/audit/log/log-verifier.js';
import { KeyRing } from '../../src/audit/log/signing-key.js';
import { readDatabase } from '../../src/cli/audit-verify.js';
import { inTransaction } from '../../src/database/pooled-connection.js';
import type { Logger } from '../../src/logging/logger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';
import { KEY } from './generated-log.js';
import {
  daysAgo,
  emptyLog,
  logEntry,
  type LogInstance,
  logInstance,
  sealAt,
  verifyLog,
  writeRows,
} from './log-instance.js';

describe('sealing', () => {
  let database: TestDatabase;
  const open: LogInstance[] = [];
  const error = jest.fn();
  const logger = { warn: jest.fn(), error, info: jest.fn() } as unknown as Logger;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => void error.mockReset());
  afterEach(async () => {
    await emptyLog(open[0]!.prisma);
    for (const { prisma } of open.splice(0)) await prisma.$disconnect();
  });

  function instance(checkpointSink?: string): LogInstance {
    const opened = logInstance(database.url, logger, checkpointSink);
    open.push(opened);
    return opened;
  }

  const verify = (kept?: Parameters<typeof verifyLog>[1]) => verifyLog(database.url, kept);

  it('seals what was written; database and export verify', async () => {
    const one = instance();
    await writeRows(one, 25);
    expect(await verify()).toMatchObject({ problems: [], leaves: 0, unsealed: 25 });
    expect(await one.sealer.sealAll()).toBe(25);
    expect(await one.sealer.sealAll()).toBe(0);
    await writeRows(one, 5);
    await one.sealer.sealAll();
    expect(await verify()).toMatchObject({ problems: [], leaves: 30, checkpoints: 2, unsealed: 0 });
    const verifier = new LogVerifier(new KeyRing([KEY.publicKey]));
    let lines = 0;
    await readDatabase(database.url, (part) => verifyLine(exportLine(part), ++lines, verifier));
    expect(verifier.finish()).toMatchObject({ problems: [], leaves: 30 });
  });

  it.each<[string, string, RegExp]>([
    ['an edit', `UPDATE audit_events SET outcome = 'denied' WHERE request_id = 'req_7'`, /edited/],
    [
      'an edited argument',
      `UPDATE audit_events SET arguments = '{"status":"closed"}' WHERE request_id = 'req_7'`,
      /edited/,
    ],
    ['a deletion', `DELETE FROM audit_events WHERE request_id = 'req_7'`, /leaf 7 is gone/],
    [
      'rows that changed places',
      `UPDATE audit_events AS a SET operation = 'x', request_id = b.request_id FROM audit_events AS b
       WHERE a.request_id = 'req_7' AND b.request_id = 'req_8'`,
      /edited/,
    ],
    ['a leaf that was removed with its row', `DELETE FROM audit_leaves WHERE seq = 7`, /leaf 7 is missing/],
    ['a checkpoint that was removed', `DELETE FROM audit_checkpoints`, /covered by no checkpoint/],
  ])('finds %s in the database', async (_, sql, message) => {
    const one = instance();
    await writeRows(one, 12);
    await one.sealer.sealAll();
    await one.prisma.$executeRawUnsafe(sql);
    const { problems } = await verify();
    expect(problems[0]?.message).toMatch(message);
    expect([0, 7]).toContain(problems[0]?.seq);
  });

  it('finds a row that was inserted around the trigger', async () => {
    const one = instance();
    await writeRows(one, 3);
    await one.sealer.sealAll();
    await writeRows(one, 1);
    await one.prisma.$executeRaw`TRUNCATE audit_unsealed`;
    expect((await verify()).problems[0]?.message).toMatch(/never sealed/);
  });

  it('notes rows that claim a time long before they were sealed', async () => {
    const one = instance();
    await writeRows(one, 3);
    await one.sealer.sealAll();
    await writeRows(one, 1);
    await one.prisma
      .$executeRaw`UPDATE audit_events SET at = at - interval '1 day' WHERE id IN (SELECT event_id FROM audit_unsealed)`;
    await one.sealer.sealAll();
    expect(await verify()).toMatchObject({ problems: [], notes: [expect.stringContaining('1 rows were sealed')] });
  });

  it('reports rows that were deleted before they could be sealed', async () => {
    const one = instance();
    await writeRows(one, 2);
    await one.prisma.$executeRaw`DELETE FROM audit_events WHERE request_id = 'req_0'`;
    expect(await one.sealer.sealAll()).toBe(2);
    expect(error).toHaveBeenCalledWith({ ids: [expect.any(Number)] }, expect.stringContaining('deleted before'));
    expect(await verify()).toMatchObject({ problems: [], leaves: 1 });
  });

  it('several instances write and seal at once: one log', async () => {
    const fleet = [instance(), instance(), instance()];
    await Promise.all(
      fleet.map(async (each) => {
        for (let round = 0; round < 8; round++) {
          for (let i = 0; i < 40; i++) await each.audit.record(logEntry(i));
          await each.sealer.sealAll();
        }
        await each.audit.drain();
      }),
    );
    await until(
      async () => {
        await fleet[0]!.sealer.sealAll();
        return fleet[0]!.prisma.auditUnsealed.count();
      },
      (waiting) => waiting === 0,
      20_000,
    );
    expect(await verify()).toMatchObject({ problems: [], leaves: 960, unsealed: 0 });
  });

  it('while a paused leader holds the lock nobody else seals; its stale head is refused afterwards', async () => {
    const [paused, other] = [instance(), instance()];
    await writeRows(paused, 4);
    const stale = await inTransaction(paused.prisma.pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(7261905)');
      expect(await other.sealer.sealAll()).toBe(0);
      return readHead(client);
    });
    expect(await other.sealer.sealAll()).toBe(4);
    stale.tree.append('ab'.repeat(32));
    const head = { tree_size: 99, root: stale.tree.root(), previous_root: stale.root, at: stale.at };
    await expect(
      inTransaction(paused.prisma.pool, (client) => writeHead(client, stale.tree, [], signCheckpoint(head, KEY))),
    ).rejects.toThrow(/previous_root|[Uu]nique/);
    expect(await verify()).toMatchObject({ problems: [], leaves: 4, checkpoints: 1 });
  });

  it('a clock that jumps, ahead and back, makes no checkpoint older than the one before', async () => {
    const one = instance();
    await writeRows(one, 2);
    await sealAt(one.prisma, database.url, new Date(Date.now() + 86_400_000));
    await writeRows(one, 2);
    await one.sealer.sealAll();
    const checkpoints = await one.prisma.auditCheckpoint.findMany({ orderBy: { treeSize: 'asc' } });
    expect(checkpoints[1]!.at).toEqual(checkpoints[0]!.at);
    expect(await verify()).toMatchObject({ problems: [], leaves: 4 });
  });

  it('does not continue a head that somebody changed', async () => {
    const one = instance();
    await writeRows(one, 3);
    await one.sealer.sealAll();
    await writeRows(one, 1);
    await one.prisma.$executeRaw`UPDATE audit_frontier SET hashes = decode(repeat('ab', 64), 'hex')`;
    await expect(one.sealer.sealAll()).rejects.toThrow('head of the audit log');
    expect(await one.prisma.auditUnsealed.count()).toBe(1);
  });

  it('hands checkpoints to a file, and waits for no sink that is away', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tradecafe-sink-'));
    try {
      const file = join(directory, 'kept.ndjson');
      const one = instance(file);
      await writeRows(one, 3);
      await one.sealer.sealAll();
      await one.sink.flush();
      const kept = asCheckpoint(JSON.parse(await readFile(file, 'utf8')))!;
      expect(kept.tree_size).toBe(3);
      const away = instance('http://127.0.0.1:9/');
      await writeRows(away, 2);
      expect(await away.sealer.sealAll()).toBe(2);
      await away.sink.flush();
      expect(logger.warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('handed over'));
      // A tail that is cut leaves nothing to find but by what was kept.
      await one.prisma.$executeRaw`DELETE FROM audit_checkpoints`;
      await one.prisma.$executeRaw`DELETE FROM audit_leaves`;
      await one.prisma.$executeRaw`DELETE FROM audit_events`;
      expect((await verify()).problems).toEqual([]);
      expect((await verify([kept])).problems[0]?.message).toContain('the log was cut');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('prunes by age and erases users; what is left verifies, and nothing else passes as it', async () => {
    const one = instance();
    await writeRows(one, 6);
    await sealAt(one.prisma, database.url, daysAgo(500));
    await writeRows(one, 6);
    await sealAt(one.prisma, database.url, daysAgo(40));
    await writeRows(one, 6);
    expect(await one.pruner.prune(400)).toEqual({ removed: 6, truncated: 6 });
    expect(await one.pruner.prune(400)).toEqual({ removed: 0, truncated: 0 });
    expect(await one.eraser.erase('usr_1')).toBe(4);
    expect(await one.eraser.erase('usr_1')).toBe(0);
    expect(await verify()).toMatchObject({ problems: [], removed: 6, truncated: 4, erased: 4 });
    const left = await one.prisma.auditEvent.findMany({ where: { userId: { not: '' } }, orderBy: { id: 'asc' } });
    expect(new Set(left.map(({ address }) => address))).toEqual(
      new Set(['192.0.2.0/24', '192.0.2.7', '2001:db8:0::/48', '2001:db8::7']),
    );
    await one.prisma.$executeRaw`DELETE FROM audit_events WHERE operation = 'audit.erase'`;
    const { problems } = await verify();
    expect(problems.map(({ message }) => message).join()).toMatch(
      /personal fields erased, and no sealed row permits it/,
    );
  });
});
