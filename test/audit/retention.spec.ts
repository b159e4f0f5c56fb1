import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import { Retention } from '../../src/audit/log/retention.js';
import type { Config } from '../../src/config/config.js';
import type { Logger } from '../../src/logging/logger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';
import { daysAgo, emptyLog, type LogInstance, logInstance, sealAt, verifyLog, writeRows } from './log-instance.js';

const DAY = 86_400;
/** As the pruner has it. */
const WINDOW = 1_000;

describe('retention', () => {
  let database: TestDatabase;
  let client: Client;
  let one: LogInstance;
  let two: LogInstance;
  const logger = { warn: jest.fn(), error: jest.fn(), info: jest.fn() };

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });
  beforeEach(() => {
    jest.resetAllMocks();
    [one, two] = [0, 1].map(() => logInstance(database.url, logger as unknown as Logger)) as [LogInstance, LogInstance];
  });
  afterEach(async () => {
    await emptyLog(one.prisma);
    await Promise.all([one.prisma.$disconnect(), two.prisma.$disconnect()]);
  });

  const verify = () => verifyLog(database.url);
  const rowsLeft = () => one.prisma.auditEvent.count({ where: { userId: { not: '' } } });
  const permits = async () =>
    (await one.prisma.auditEvent.findMany({ where: { credentialKind: 'operator' }, orderBy: { id: 'asc' } })).map(
      ({ operation, arguments: args }) => `${operation} ${(args as { rows: string }).rows}`,
    );
  const job = (instance: LogInstance, pruneEverySeconds = DAY) =>
    new Retention(instance.pruner, { audit: { retentionDays: 400, pruneEverySeconds } } as Config, logger);

  /** Rows of so long ago, and some of now. */
  async function aged(count: number, days: number, by = one): Promise<void> {
    await writeRows(by, count);
    await sealAt(by.prisma, database.url, daysAgo(days));
    await writeRows(by, 5);
    await by.sealer.sealAll();
  }

  /** Breaks the instance's connection to the database for good, as kill -9 would, when it begins its n-th window. */
  function killAtWindow({ prisma }: LogInstance, n: number): void {
    let windows = 0;
    const dead = (): never => {
      throw new Error('killed');
    };
    const transaction = prisma.$transaction.bind(prisma) as (...args: unknown[]) => Promise<unknown>;
    let sealing = false;
    jest.spyOn(one.sealer, 'sealAll').mockImplementation(async () => {
      sealing = true;
      const sealed = await two.sealer.sealAll();
      sealing = false;
      return sealed;
    });
    jest.spyOn(prisma, '$transaction').mockImplementation((...args: unknown[]) => {
      if (!sealing && ++windows === n) {
        jest.spyOn(prisma, '$queryRaw').mockImplementation(dead as never);
        jest.spyOn(prisma, '$executeRaw').mockImplementation(dead as never);
        return dead();
      }
      return transaction(...args);
    });
  }

  it('goes window after window, permits once, and begins the next time where it ended', async () => {
    await writeRows(one, 2 * WINDOW + 500);
    await sealAt(one.prisma, database.url, daysAgo(500));
    await aged(8, 300);
    expect(await one.pruner.prune(400)).toEqual({ removed: 2_500, truncated: 8 });
    expect(await rowsLeft()).toBe(13);
    expect(await permits()).toEqual(['audit.remove 0-2499', 'audit.truncate 2500-2507']);
    expect(await one.pruner.prune(200)).toEqual({ removed: 8, truncated: 0 });
    expect(await permits()).toEqual(['audit.remove 0-2499', 'audit.truncate 2500-2507', 'audit.remove 2500-2507']);
    expect(await one.pruner.prune(200)).toEqual({ removed: 0, truncated: 0 });
    expect(await permits()).toHaveLength(3);
    expect(await verify()).toMatchObject({ problems: [], removed: 2_508 });
  });

  it('of two instances that find it due at once, one prunes; nobody does again before its time', async () => {
    await aged(WINDOW + 1, 500);
    await Promise.all([job(one).attempt(), job(two).attempt()]);
    expect(logger.info.mock.calls).toEqual([[{ removed: WINDOW + 1, truncated: 0 }, 'The audit log was pruned']]);
    expect(logger.warn).not.toHaveBeenCalled();
    expect(await permits()).toHaveLength(1);
    await job(two).attempt();
    expect(logger.info).toHaveBeenCalledTimes(1);
    await one.prisma.$executeRaw`UPDATE audit_retention SET done_at = done_at - interval '23 hours'`;
    await job(two).attempt();
    expect(logger.info).toHaveBeenCalledTimes(1);
    await one.prisma.$executeRaw`UPDATE audit_retention SET done_at = done_at - interval '1 hour'`;
    await job(two).attempt();
    expect(logger.info).toHaveBeenCalledTimes(2);
    expect(await verify()).toMatchObject({ problems: [], removed: WINDOW + 1 });
  });

  it.each([1, 2, 3])('killed at window %i it leaves a log that verifies, and another instance goes on', async (n) => {
    await aged(2 * WINDOW + 1, 500);
    killAtWindow(one, n);
    await expect(one.pruner.prune(400)).rejects.toThrow('killed');
    const removed = (n - 1) * WINDOW;
    expect(await verify()).toMatchObject({ problems: [], removed });
    // The dead one's turn has not ended yet.
    expect(await two.pruner.prune(400)).toBeUndefined();
    await client.query(`UPDATE audit_retention SET leased_until = now() - interval '1 second'`);
    expect(await two.pruner.prune(400)).toEqual({ removed: 2 * WINDOW + 1 - removed, truncated: 0 });
    expect(await verify()).toMatchObject({ problems: [], removed: 2 * WINDOW + 1 });
    jest.restoreAllMocks();
  });

  it('an instance that was paused until its turn was over does not go on', async () => {
    await aged(WINDOW + 1, 500);
    const sealAll = one.sealer.sealAll.bind(one.sealer);
    jest.spyOn(one.sealer, 'sealAll').mockImplementation(async () => {
      await client.query(`UPDATE audit_retention SET holder = gen_random_uuid()`);
      return sealAll();
    });
    await expect(one.pruner.prune(400)).rejects.toThrow('Another instance');
    expect(await rowsLeft()).toBe(WINDOW + 6);
    expect(await two.pruner.prune(400)).toBeUndefined();
    expect(await verify()).toMatchObject({ problems: [], removed: 0 });
  });

  it('ends with the service after the window that is under way, and leaves the rest to anybody', async () => {
    await aged(2 * WINDOW, 500);
    const stopping = job(one);
    const sealAll = one.sealer.sealAll.bind(one.sealer);
    jest.spyOn(one.sealer, 'sealAll').mockImplementation(async () => {
      void stopping.onApplicationShutdown();
      return sealAll();
    });
    await stopping.attempt();
    expect(logger.warn).not.toHaveBeenCalled();
    expect(await rowsLeft()).toBeGreaterThan(5);
    await job(two).attempt();
    expect(await rowsLeft()).toBe(5);
    expect(await verify()).toMatchObject({ problems: [] });
  });

  it('an address is not put back into a row that somebody erases at that moment', async () => {
    await aged(3, 40);
    await client.query('BEGIN');
    const { rows } = await client.query<{ id: string }>('SELECT id FROM audit_events ORDER BY id LIMIT 1');
    // The row is locked, as another instance has it that is about to erase it.
    await client.query('UPDATE audit_events SET duration_ms = duration_ms WHERE id = $1', [rows[0]!.id]);
    const pruning = one.pruner.prune(400);
    await until(
      async () => (await two.prisma.$queryRaw<unknown[]>`SELECT FROM pg_locks WHERE NOT granted`).length,
      (waiting) => waiting > 0,
    );
    await client.query(
      `UPDATE audit_events SET address = NULL, address_salt = NULL, personal_digest = '\\x00' WHERE id = $1`,
      [rows[0]!.id],
    );
    await client.query('COMMIT');
    expect(await pruning).toEqual({ removed: 0, truncated: 2 });
    const row = await one.prisma.auditEvent.findUnique({ where: { id: BigInt(rows[0]!.id) } });
    expect(row).toMatchObject({ address: null, addressDigest: null });
  });

  it('looks at each leaf a few times, however many there are', async () => {
    const rows = 12 * WINDOW;
    // A connection hands in what it counted when it ends.
    const read = async (action: (instance: LogInstance) => Promise<unknown>): Promise<number> => {
      const instance = logInstance(database.url, logger as unknown as Logger);
      const before = await leavesRead();
      await action(instance);
      await instance.prisma.$disconnect();
      return (await leavesRead()) - before;
    };
    await read((instance) => aged(rows, 500, instance));
    const count = await read(async (instance) =>
      expect(await instance.pruner.prune(400)).toEqual({ removed: rows, truncated: 0 }),
    );
    expect(count).toBeGreaterThan(rows);
    expect(count).toBeLessThan(5 * rows);
  }, 60_000);

  /** Rows of audit_leaves that were read so far; nobody counts any more. */
  async function leavesRead(): Promise<number> {
    let last = -1;
    return until(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        const { rows } = await client.query<{ n: string }>(
          `SELECT seq_tup_read + idx_tup_fetch AS n FROM pg_stat_user_tables WHERE relname = 'audit_leaves'`,
        );
        const [now, before] = [Number(rows[0]!.n), last];
        last = now;
        return now === before ? now : -1;
      },
      (n) => n >= 0,
      10_000,
    );
  }

  it('erases a user page after page, each permitted before', async () => {
    await writeRows(one, 3 * WINDOW + 300);
    expect(await one.eraser.erase('usr_1')).toBe(WINDOW + 100);
    expect(await permits()).toHaveLength(2);
    expect(await verify()).toMatchObject({ problems: [], erased: WINDOW + 100 });
  });
});
