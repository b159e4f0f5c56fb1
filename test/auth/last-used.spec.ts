import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { LastUsed } from '../../src/auth/bearer/last-used.js';
import type { Principal } from '../../src/auth/principal.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';
import { testLogger } from '../support/run-logs/run-logs.js';
import { type Instance, someUser, startInstance } from './instance.js';
import { person } from '../support/person.js';

let database: TestDatabase;
let instance: Instance;
let lastUsed: LastUsed;
let principal: Principal;

beforeAll(async () => {
  database = await createTestDatabase();
  instance = await startInstance(database.url);
});
afterAll(async () => {
  await instance.close();
  await database.drop();
});
beforeEach(async () => {
  lastUsed = new LastUsed(instance.prisma, testLogger());
  principal = await somebody();
});

async function somebody(): Promise<Principal> {
  const { token } = await instance.tokens.create(person(someUser()), { name: 'laptop', scopes: ['read:account'] });
  return instance.verifier.verify(token);
}

async function stored({ credentialId }: Principal) {
  const row = await instance.prisma.personalAccessToken.findUniqueOrThrow({ where: { id: credentialId } });
  return { at: row.lastUsedAt, ip: row.lastUsedIp, client: row.lastUsedClient };
}

describe('the last use of a token', () => {
  it('is written by itself, with address and program', async () => {
    lastUsed.record(principal, '203.0.113.1', 'claude-code/2.1');
    const written = await until(
      () => stored(principal),
      ({ at }) => at !== null,
    );
    expect(written).toMatchObject({ ip: '203.0.113.1', client: 'claude-code/2.1' });
  });

  it('is one statement for many tokens, and one entry a minute for each', async () => {
    const many = await Promise.all(Array.from({ length: 8 }, somebody));
    const statements = jest.spyOn(instance.prisma, '$executeRaw');
    for (let round = 0; round < 100; round += 1) {
      for (const each of many) lastUsed.record(each, `203.0.113.${round}`, undefined);
    }
    await lastUsed.flush();
    expect(statements).toHaveBeenCalledTimes(1);
    statements.mockRestore();
    for (const each of many) expect(await stored(each)).toMatchObject({ ip: '203.0.113.0', client: null });
  });

  it('is flushed when the service goes down', async () => {
    lastUsed.record(principal, '203.0.113.1', undefined);
    await lastUsed.onApplicationShutdown();
    expect((await stored(principal)).at).not.toBeNull();
  });

  it('never goes back in time', async () => {
    const later = new Date(Date.now() + 60_000);
    const where = { id: principal.credentialId };
    await instance.prisma.personalAccessToken.update({ where, data: { lastUsedAt: later } });
    lastUsed.record(principal, '203.0.113.1', undefined);
    await lastUsed.flush();
    expect((await stored(principal)).at).toEqual(later);
  });

  it('does not wait for who has locked the token', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM personal_access_tokens WHERE id = $1 FOR SHARE', [principal.credentialId]);
      lastUsed.record(principal, '203.0.113.1', undefined);
      const free = await somebody();
      lastUsed.record(free, '203.0.113.2', undefined);
      await lastUsed.flush();
      expect((await stored(principal)).at).toBeNull();
      expect((await stored(free)).ip).toBe('203.0.113.2');
    } finally {
      await client.end();
    }
  });

  it('keeps of a program what can be printed, and not more of it than a line', async () => {
    lastUsed.record(principal, '203.0.113.1', `a\u0000b\u202e\n${'x'.repeat(500)}`);
    await lastUsed.flush();
    expect((await stored(principal)).client).toBe(`ab${'x'.repeat(118)}`);
  });

  it('is no reason to fail when it cannot be written', async () => {
    const own = await createTestDatabase();
    const alone = await startInstance(own.url);
    await own.drop();
    const logger = testLogger();
    const warn = jest.spyOn(logger, 'warn');
    const failing = new LastUsed(alone.prisma, logger);
    failing.record(principal, '203.0.113.1', undefined);
    await expect(failing.flush()).resolves.toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(1);
    await alone.close();
  });

  it("is a personal access token's alone", async () => {
    const statements = jest.spyOn(instance.prisma, '$executeRaw');
    lastUsed.record({ ...principal, kind: 'session', credentialId: 'session' }, '203.0.113.1', undefined);
    await lastUsed.flush();
    expect(statements).not.toHaveBeenCalled();
    statements.mockRestore();
  });
});
