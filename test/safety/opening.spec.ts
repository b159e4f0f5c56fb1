import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { pino } from 'pino';
import type { Config } from '../../src/config/config.js';
import { isDatabaseUnavailable } from '../../src/database/database-errors.js';
import { Pipeline } from '../../src/database/pipeline.js';
import { AppError } from '../../src/errors/app-error.js';
import { Prisma } from '../../src/generated/prisma/client.js';
import { type CommitRequest, NotSpendable } from '../../src/safety/commit-checks.js';
import { CommitOpening, type OpenedCommit } from '../../src/safety/commit-opening.js';
import { type CredentialLock, GRANT_LOCK, PAT_LOCK, SESSION_LOCK } from '../../src/safety/credential-lock.js';
import { safetyTiming } from '../../src/safety/safety-timing.js';
import { startTcpProxy, type TcpProxy } from '../database/support/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';
import {
  COMMITS_PER_HOUR,
  expected,
  GOOD,
  OTHERWISE,
  singlesAndPairs,
  type Scenario,
  stage,
  type Staged,
} from './support/opening-scenario.js';

/** Some thousand statements, on whatever machine. */
const BOUND_MS = 600_000;
const LOCKS = [PAT_LOCK, GRANT_LOCK, SESSION_LOCK];
const timing = safetyTiming({ pwaBe: { timeoutMs: 700 } } as Config);
const logger = pino({ level: 'silent' });

let database: TestDatabase;
let db: pg.Pool;
let pipeline: Pipeline;
let opening: CommitOpening;

beforeAll(async () => {
  database = await createTestDatabase();
  db = new pg.Pool({ connectionString: database.url, max: 6 });
  // Sessions are ended on purpose.
  db.on('error', () => undefined);
  pipeline = new Pipeline(database);
  opening = openingOn(pipeline);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await pipeline.close();
  await db.end();
  await database.drop();
});

function openingOn(on: Pick<Pipeline, 'transaction'>, locks: readonly CredentialLock[] = LOCKS): CommitOpening {
  const config = { commitsPerHour: COMMITS_PER_HOUR, publicUrl: 'https://pages.test' };
  return new CommitOpening(on, locks, config, timing, logger);
}

/** `opened`, or why not; a failure that is no refusal is thrown on. */
async function outcome(opened: Promise<OpenedCommit>): Promise<string> {
  try {
    await opened;
    return 'opened';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    if (error instanceof NotSpendable) return 'not_spendable';
    throw error;
  }
}

/** What an opening leaves behind, by what it said. */
const traces = (opened: boolean) =>
  opened ? { commits: 1, intents: 1, used: true } : { commits: 0, intents: 0, used: false };
const left = async (staged: Staged) => ({ ...(await staged.written()), used: await staged.used() });

async function result(scenario: Scenario) {
  const staged = await stage(db, scenario);
  const said = await outcome(opening.open(staged.request));
  return { scenario, said, left: await left(staged) };
}

function wanted(scenario: Scenario) {
  const said = expected(scenario);
  return { scenario, said, left: traces(said === 'opened') };
}

/** Any combination, deviations being rare enough that the later checks get their turn. */
const anyScenario = fc.record(
  Object.fromEntries(
    Object.entries(GOOD).map(([name, value]) => [
      name,
      fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, fc.constantFrom(...OTHERWISE[name as keyof Scenario])),
    ]),
  ),
) as unknown as fc.Arbitrary<Scenario>;

describe('a row, an intent and a spent token are there exactly when every check passes; the first that fails is told', () => {
  it(
    'for every single fact and every two of them',
    async () => {
      const scenarios = [...singlesAndPairs()];
      const results: Awaited<ReturnType<typeof result>>[] = [];
      const next = scenarios.values();
      await Promise.all(
        [1, 2, 3, 4].map(async () => {
          for (const scenario of next) results.push(await result(scenario));
        }),
      );
      const wrong = results.filter((one) => JSON.stringify(one) !== JSON.stringify(wanted(one.scenario)));
      expect(wrong.map((one) => [one, wanted(one.scenario)])).toEqual([]);
      // Every outcome there is, and none by the way.
      const told = new Set(results.map(({ said }) => said));
      expect([...told].sort()).toEqual([
        'account_frozen',
        'cap_exceeded',
        'commit_in_progress',
        'commit_limit_reached',
        'confirmation_required',
        'credential_revoked',
        'not_spendable',
        'opened',
      ]);
      expect(results).toHaveLength(scenarios.length);
    },
    BOUND_MS,
  );

  it(
    'for any combination',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyScenario, async (scenario) => expect(await result(scenario)).toEqual(wanted(scenario))),
        { numRuns: 200, endOnFailure: true },
      );
    },
    BOUND_MS,
  );
});

describe('races', () => {
  /** Does something in a session of its own and leaves it open. @returns what commits it */
  async function holding(sql: string, values: unknown[]): Promise<() => Promise<void>> {
    const client = await db.connect();
    await client.query('BEGIN');
    await client.query(sql, values);
    return async () => {
      await client.query('COMMIT');
      client.release();
    };
  }
  const someoneWaits = async (): Promise<void> => {
    const waiting = () =>
      db.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`);
    expect((await until(waiting, ({ rowCount }) => rowCount! > 0)).rowCount).toBeGreaterThan(0);
  };

  it('the same token ten times at once, on two pools: one opens', async () => {
    const other = new Pipeline(database);
    try {
      const staged = await stage(db, { ...GOOD, spent: 0 });
      const all = Array.from({ length: 10 }, (_, n) =>
        outcome((n % 2 ? opening : openingOn(other)).open(staged.request)),
      );
      expect((await Promise.all(all)).sort()).toEqual([...Array<string>(9).fill('not_spendable'), 'opened']);
      expect(await left(staged)).toEqual(traces(true));
    } finally {
      await other.close();
    }
  });

  it('a token that is superseded while its commit waits for it is not spent', async () => {
    const staged = await stage(db, GOOD);
    const end = await holding('UPDATE action_tokens SET superseded_at = now() WHERE token_hash = $1', [staged.hash]);
    const said = outcome(opening.open(staged.request));
    await someoneWaits();
    await end();
    expect(await said).toBe('not_spendable');
    expect(await left(staged)).toEqual(traces(false));
  });

  it.each([
    ['a freeze', 'UPDATE user_controls SET frozen_at = now() WHERE user_id = $1', 'account_frozen'],
    ['the first freeze of a user', 'INSERT INTO user_controls VALUES ($1, now())', 'account_frozen'],
    ['a revocation', 'UPDATE personal_access_tokens SET revoked_at = now() WHERE user_id = $1', 'credential_revoked'],
    ['a lower cap', 'UPDATE personal_access_tokens SET max_trade_usdt = 1 WHERE user_id = $1', 'cap_exceeded'],
  ])('%s that is under way is waited for, and then counts', async (what, sql, code) => {
    const staged = await stage(db, { ...GOOD, control: what.startsWith('the first') ? 'none' : 'there' });
    const end = await holding(sql, [staged.userId]);
    const said = outcome(opening.open(staged.request));
    await someoneWaits();
    await end();
    expect(await said).toBe(code);
    expect(await left(staged)).toEqual(traces(false));
  });

  it("what another instance opened while one waited for the user's turn counts: the hour, and a rival", async () => {
    for (const [scenario, code] of [
      [{ ...GOOD, spent: COMMITS_PER_HOUR - 1 }, 'commit_limit_reached'],
      [{ ...GOOD, spent: 0 }, 'commit_in_progress'],
    ] as const) {
      const staged = await stage(db, scenario);
      const end = await holding('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`commits:${staged.userId}`]);
      const said = outcome(opening.open(staged.request));
      await someoneWaits();
      await db.query(
        `INSERT INTO commits (token_hash, user_id, credential_kind, credential_id, source, tool, target_id, arguments, preview,
             idempotency_key, status, created_at, send_before, due_at, request_id)
         VALUES (sha256($1::text::bytea), $1, 'pat', 'c', 'tool', 'close_position', $2, '{}', '{}', $1, $3, now(), now(), 'infinity', 'r')`,
        [staged.userId, staged.request.preview.facts.id, code === 'commit_in_progress' ? 'pending' : 'succeeded'],
      );
      await end();
      expect(await said).toBe(code);
      expect(await staged.used()).toBe(false);
      expect(await staged.written()).toEqual({ commits: 1, intents: 0 });
    }
  });

  it('a row with the same token that nobody could see before: nothing is spent', async () => {
    const staged = await stage(db, GOOD);
    const end = await holding(
      `INSERT INTO commits (token_hash, user_id, credential_kind, credential_id, source, tool, target_id, arguments, preview,
           idempotency_key, created_at, send_before, due_at, request_id)
       VALUES ($1, 'usr_other', 'pat', 'c', 'tool', 't', 't', '{}', '{}', $2, now(), now(), 'infinity', 'r')`,
      [staged.hash, staged.userId],
    );
    const said = outcome(opening.open(staged.request));
    await someoneWaits();
    await end();
    expect(await said).toBe('not_spendable');
    expect(await left(staged)).toEqual(traces(false));
  });
});

describe('the second gate', () => {
  /** An operation that says something else when it is asked again. */
  const asking = (request: CommitRequest, amounts: number[]): CommitRequest => ({
    ...request,
    operation: { ...request.operation, capAmount: () => amounts.shift() },
  });

  it('what the database opened and the checks refuse is not sent, and is logged', async () => {
    const { request, written } = await stage(db, GOOD);
    const logged = jest.spyOn(logger, 'error');
    await expect(opening.open(asking(request, [1, 1_000]))).rejects.toThrow('the ledger opened what a check refuses');
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({
        err: expect.objectContaining({ code: 'cap_exceeded' }),
        commit_id: expect.any(String),
      }),
      expect.any(String),
    );
    // For the reconciler to end.
    expect(await written()).toEqual({ commits: 1, intents: 1 });
  });

  it('what the checks allow and the database refused is no success', async () => {
    const staged = await stage(db, GOOD);
    await expect(opening.open(asking(staged.request, [1_000, 1]))).rejects.toThrow(
      'the ledger refused what every check allows',
    );
    expect(await left(staged)).toEqual(traces(false));
  });
});

describe('when something fails', () => {
  const brokenLock: CredentialLock = { kind: 'pat', query: () => Prisma.sql`SELECT (1 / 0)::text::boolean AS live` };
  const failing = async (sql: string): Promise<() => Promise<void>> => {
    await db.query(sql);
    return async () => void (await db.query('DROP TRIGGER broken ON commits; DROP FUNCTION broken()'));
  };
  const RAISE = `CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken' USING ERRCODE = '53100'; END $$;`;

  it('the statement that locks: nothing has happened, and the next one works', async () => {
    const staged = await stage(db, { ...GOOD, control: 'none' });
    await expect(openingOn(pipeline, [brokenLock]).open(staged.request)).rejects.toMatchObject({ code: '22012' });
    expect(await left(staged)).toEqual(traces(false));
    expect((await db.query('SELECT FROM user_controls WHERE user_id = $1', [staged.userId])).rowCount).toBe(0);
    expect(await outcome(opening.open(staged.request))).toBe('opened');
  });

  it.each([
    [
      'the statement that writes',
      'CREATE TRIGGER broken AFTER INSERT ON commits FOR EACH ROW EXECUTE FUNCTION broken()',
    ],
    [
      'the commit itself, with every answer on its way',
      'CREATE CONSTRAINT TRIGGER broken AFTER INSERT ON commits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION broken()',
    ],
  ])('%s: nothing has happened, and the next one works', async (_, trigger) => {
    const staged = await stage(db, { ...GOOD, control: 'none' });
    const mend = await failing(RAISE + trigger);
    const error: unknown = await opening.open(staged.request).catch((failure: unknown) => failure);
    await mend();
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(await left(staged)).toEqual(traces(false));
    expect((await db.query('SELECT FROM user_controls WHERE user_id = $1', [staged.userId])).rowCount).toBe(0);
    expect(await outcome(opening.open(staged.request))).toBe('opened');
  });

  it('is not opened for a kind of credential that has no lock', async () => {
    const staged = await stage(db, GOOD);
    await expect(openingOn(pipeline, [SESSION_LOCK]).open(staged.request)).rejects.toThrow('no lock');
    expect(await left(staged)).toEqual(traces(false));
  });
});

describe('the send window', () => {
  it('never ends later than the row says, however late the answer comes', async () => {
    // The answer waits for the commit, and the commit for this: what remains was counted before.
    await db.query(`
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON commits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`);
    try {
      for (const source of ['tool', 'api'] as const) {
        const staged = await stage(db, { ...GOOD, source });
        if (source === 'tool') {
          await db.query(`UPDATE action_tokens SET expires_at = now() + interval '3 seconds' WHERE token_hash = $1`, [
            staged.hash,
          ]);
        }
        const { sendUntil } = await opening.open(staged.request);
        const { rows } = await db.query<{ remaining: number }>(
          `SELECT (extract(epoch FROM send_before - clock_timestamp()) * 1000)::float8 AS remaining FROM commits WHERE token_hash = $1`,
          [staged.hash],
        );
        const ends = { monotonic: performance.now() + rows[0]!.remaining, wall: Date.now() + rows[0]!.remaining };
        expect(sendUntil.monotonic).toBeLessThanOrEqual(ends.monotonic);
        expect(sendUntil.wall).toBeLessThanOrEqual(ends.wall + 1);
        // And is one that can be used.
        expect(sendUntil.monotonic - ends.monotonic).toBeGreaterThan(-300);
        expect(rows[0]!.remaining).toBeLessThan(source === 'tool' ? 3_000 : timing.sendWindowMs);
      }
    } finally {
      await db.query('DROP TRIGGER slow ON commits; DROP FUNCTION slow()');
    }
  });
});

describe('a connection that goes', () => {
  let proxy: TcpProxy;
  let cut: Pipeline;
  beforeEach(async () => {
    proxy = await startTcpProxy(database.url);
    cut = new Pipeline(proxy);
  });
  afterEach(async () => {
    proxy.restore();
    await cut.close();
    await proxy.close();
  });
  const gate = (event: string): string => `
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON commits ${event} FOR EACH ROW EXECUTE FUNCTION gate()`;

  it.each([
    ['between its statements', 'NOT DEFERRABLE'],
    ['between the last statement and the answer to its commit', 'DEFERRABLE INITIALLY DEFERRED'],
  ])('%s: nobody learns that it was opened, and the row is there to be ended', async (_, event) => {
    const staged = await stage(db, GOOD);
    await db.query(gate(event));
    const holder = await db.connect();
    try {
      await holder.query('SELECT pg_advisory_lock(4711)');
      const opened = openingOn(cut)
        .open(staged.request)
        .catch((failure: unknown) => failure);
      const waiting = () => db.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
      await until(waiting, ({ rowCount }) => rowCount! > 0);
      proxy.cut();
      expect(isDatabaseUnavailable(await opened)).toBe(true);
      // All of it had arrived: the server does not ask whether anybody still listens.
      await holder.query('SELECT pg_advisory_unlock(4711)');
      await until(staged.written, ({ commits }) => commits > 0);
      expect(await left(staged)).toEqual(traces(true));
      proxy.restore();
      expect(await outcome(openingOn(cut).open(staged.request))).toBe('not_spendable');
    } finally {
      holder.release(true);
      await db.query('DROP TRIGGER gate ON commits; DROP FUNCTION gate()');
    }
  });
});

describe('without a transaction around it', () => {
  it('the ledger writes nothing: the locks would be gone', async () => {
    const staged = await stage(db, GOOD);
    // Each statement by itself, as when BEGIN alone fails.
    const alone = {
      transaction: async (statements: readonly Prisma.Sql[]) => {
        const answers: pg.QueryResult[] = [];
        for (const { text, values } of statements) answers.push(await db.query(text, values));
        return answers.at(-1)!.rows as never;
      },
    };
    await expect(openingOn(alone).open(staged.request)).rejects.toThrow('the ledger refused what every check allows');
    expect(await left(staged)).toEqual(traces(false));
  });
});

describe('a pipeline', () => {
  it('gives the rows of its last statement, and rolls everything back when one fails', async () => {
    await db.query('DELETE FROM user_controls');
    const insert = (user: string): Prisma.Sql => Prisma.sql`INSERT INTO user_controls (user_id) VALUES (${user})`;
    await expect(pipeline.transaction([insert('a'), Prisma.sql`SELECT 1 / 0`, insert('b')])).rejects.toMatchObject({
      code: '22012',
    });
    expect((await db.query('SELECT user_id FROM user_controls')).rows).toEqual([]);
    expect(await pipeline.transaction([insert('a'), Prisma.sql`SELECT 1 AS one`])).toEqual([{ one: 1 }]);
    expect((await db.query('SELECT user_id FROM user_controls')).rows).toEqual([{ user_id: 'a' }]);
  });
});
