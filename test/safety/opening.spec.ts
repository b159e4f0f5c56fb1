import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../src/auth/principal.js';
import type { Scope } from '../../src/auth/scopes.js';
import { Prisma } from '../../src/generated/prisma/client.js';
import { actionTokenHash, idempotencyKeyOf } from '../../src/safety/action-token.js';
import { type CommitRequest, NotSpendable } from '../../src/safety/commit-checks.js';
import { spendToken } from '../../src/safety/spend-token.js';
import { writeOperations } from '../../src/tools/registry.js';
import { ETH, Fleet, type Instance, tokenFor } from './support/fleet.js';

/** The policy stands in SQL and in TypeScript: whatever speaks against a commit, both must say the same. */

const TOOL = 'approve_pending_trade';
const KEY = new Uint8Array(randomBytes(32));

/** Something that speaks against a commit. */
interface Objection {
  readonly name: string;
  /** What the caller is told, when nothing comes before it. */
  readonly told: string;
  /** What makes it so in the database; $1: the user. */
  readonly sql?: string;
  readonly principal?: Partial<Principal>;
  readonly commitsPerHour?: number;
  /** What makes it none, where something does. */
  readonly unless?: 'confirmed';
}

const planted = (values: string): string => `
  INSERT INTO commits (token_hash, client_key_hash, user_id, credential_kind, credential_id, source, tool, target_id, status,
      arguments, preview, idempotency_key, created_at, send_before, due_at, request_id)
  SELECT sha256(random()::text::bytea), ${values}, '{}', '{}', gen_random_uuid()::text, now() - interval '2 hours', now(),
      'infinity', 'r'`;

/** In the order in which a caller is told. */
const OBJECTIONS: readonly Objection[] = [
  {
    name: 'the token of the caller is revoked',
    told: 'credential_revoked',
    sql: 'UPDATE personal_access_tokens SET revoked_at = now() WHERE user_id = $1',
  },
  {
    name: 'the token of the caller has expired',
    told: 'credential_revoked',
    sql: `UPDATE personal_access_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1`,
  },
  {
    name: 'its row may not write any more',
    told: 'credential_revoked',
    sql: `UPDATE personal_access_tokens SET scopes = '{read:positions}' WHERE user_id = $1`,
  },
  {
    name: 'the caller was let in without that right',
    told: 'credential_revoked',
    principal: { scopes: new Set<Scope>(['read:positions']) },
  },
  {
    name: 'writes are stopped',
    told: 'account_frozen',
    sql: 'UPDATE user_controls SET frozen_at = now() WHERE user_id = $1',
  },
  {
    name: 'the row wants a person asked',
    told: 'confirmation_required',
    sql: `UPDATE personal_access_tokens SET write_policy = 'human_required' WHERE user_id = $1`,
    unless: 'confirmed',
  },
  {
    name: 'the caller was let in on that condition',
    told: 'confirmation_required',
    principal: { writePolicy: 'human_required' },
    unless: 'confirmed',
  },
  {
    name: 'the trade is above the cap',
    told: 'cap_exceeded',
    sql: 'UPDATE personal_access_tokens SET max_trade_usdt = 99.99 WHERE user_id = $1',
  },
  {
    name: 'the action token is spent',
    told: 'NotSpendable',
    sql: 'UPDATE action_tokens SET used_at = now() WHERE user_id = $1',
  },
  {
    name: 'the action token is superseded',
    told: 'NotSpendable',
    sql: 'UPDATE action_tokens SET superseded_at = now() WHERE user_id = $1',
  },
  {
    name: 'the action token has expired',
    told: 'NotSpendable',
    sql: 'UPDATE action_tokens SET expires_at = now() WHERE user_id = $1',
  },
  {
    name: "the client's key has its write",
    told: 'NotSpendable',
    sql: planted(
      `'\\x${Buffer.from(KEY).toString('hex')}', $1, 'pat', 'c', 'tool', 'close_position', 't', 'succeeded'`,
    ),
  },
  {
    name: 'another commit for the trade is open',
    told: 'commit_in_progress',
    sql: planted(`NULL, $1, 'pat', 'c', 'tool', '${TOOL}', '${ETH.signal_id}', 'unknown'`),
  },
  { name: 'the hour is used up', told: 'commit_limit_reached', commitsPerHour: 0 },
];

let fleet: Fleet;
let generous: Instance;
let strict: Instance;

beforeAll(async () => {
  fleet = await Fleet.start();
});
beforeEach(async () => {
  await fleet.reset();
  generous = fleet.instance();
  strict = fleet.instance({ config: { commitsPerHour: 0 } });
});
afterAll(() => fleet.stop());

/** A commit that nothing speaks against but these. */
async function requestWith(objections: readonly Objection[], confirmed: boolean): Promise<CommitRequest> {
  await fleet.db.query('DELETE FROM commits');
  await fleet.db.query('DELETE FROM action_tokens');
  await fleet.db.query('DELETE FROM user_controls');
  await fleet.db.query('DELETE FROM personal_access_tokens');
  await fleet.db.query('DELETE FROM audit_events');
  const rowed = await fleet.principal();
  const token = await tokenFor(generous, rowed, TOOL, ETH);
  await generous.audit.drain();
  const principal = Object.assign(
    { ...rowed },
    ...objections.map((objection) => objection.principal ?? {}),
  ) as Principal;
  for (const { sql } of objections) if (sql !== undefined) await fleet.db.query(sql, [principal.userId]);
  const operation = writeOperations.find(({ tool }) => tool === TOOL)!;
  const preview = await operation.preview(generous.pwaBe.forUser(principal.userId), ETH);
  const origin = { principal, transport: 'mcp', operation: TOOL, args: ETH, requestId: 'r', startedAt: 0 } as const;
  const hash = actionTokenHash(token)!;
  const spend = spendToken({ operation, args: ETH, origin }, hash);
  const keys = { idempotencyKey: idempotencyKeyOf(hash), clientKeyHash: KEY };
  return { source: 'tool', operation, args: ETH, preview, spend, ...keys, confirmed, origin };
}

/** Code of the refusal; `opened` when there was none. */
async function outcomeOf(request: CommitRequest, objections: readonly Objection[]): Promise<string> {
  const { opening } = objections.some(({ commitsPerHour }) => commitsPerHour === 0) ? strict : generous;
  return opening.open(request).then(
    () => 'opened',
    (error: Error & { code?: string }) =>
      error instanceof NotSpendable ? 'NotSpendable' : (error.code ?? error.message),
  );
}

/** What a commit leaves: its row, the spent token, the row of its intent. */
async function traces(): Promise<unknown> {
  const [row] = await fleet.rows(`
    SELECT (SELECT count(*)::int FROM commits WHERE request_id = 'r' AND token_hash IN (SELECT token_hash FROM action_tokens)) AS commits,
           (SELECT count(*)::int FROM action_tokens WHERE used_at > now() - interval '1 minute') AS spent,
           (SELECT count(*)::int FROM audit_events WHERE outcome = 'intent') AS intents`);
  return row;
}

const NOTHING = { commits: 0, spent: 0, intents: 0 };
const ALL = { commits: 1, spent: 1, intents: 1 };
const spentBefore = (objections: readonly Objection[]): number =>
  objections.some(({ name }) => name === 'the action token is spent') ? 1 : 0;

describe('the first transaction of a commit', () => {
  it('writes row, intent and spent token when nothing speaks against it', async () => {
    expect(await outcomeOf(await requestWith([], false), [])).toBe('opened');
    expect(await traces()).toEqual(ALL);
  });

  it.each(OBJECTIONS)(
    'writes nothing when $name, whatever else is wrong, and tells the first reason',
    async (first) => {
      const later = OBJECTIONS.slice(OBJECTIONS.indexOf(first) + 1);
      for (const objections of [[first], ...later.map((second) => [first, second])]) {
        const names = objections.map(({ name }) => name);
        const told = await outcomeOf(await requestWith(objections, false), objections);
        expect([names, told, await traces()]).toEqual([
          names,
          first.told,
          { ...NOTHING, spent: spentBefore(objections) },
        ]);
      }
    },
  );

  it('opens when a person was asked, as far as that is what was wanted', async () => {
    const wanted = OBJECTIONS.filter(({ unless }) => unless === 'confirmed');
    expect(await outcomeOf(await requestWith(wanted, true), wanted)).toBe('opened');
    expect(await traces()).toEqual(ALL);
  });

  it('makes the row that freezing needs where there is none', async () => {
    const request = await requestWith([], false);
    await fleet.db.query('DELETE FROM user_controls');
    expect(await outcomeOf(request, [])).toBe('opened');
    expect(await fleet.rows('SELECT frozen_at FROM user_controls')).toEqual([{ frozen_at: null }]);
  });

  it('takes back everything when a statement fails in the middle', async () => {
    const request = await requestWith([], false);
    await fleet.db.query(`INSERT INTO commits SELECT (jsonb_populate_record(NULL::commits, jsonb_build_object(
      'id', gen_random_uuid(), 'token_hash', sha256('x'), 'user_id', 'another', 'credential_kind', 'pat', 'credential_id', 'c',
      'source', 'tool', 'tool', 'close_position', 'target_id', 't', 'arguments', '{}'::jsonb, 'preview', '{}'::jsonb,
      'idempotency_key', '${request.idempotencyKey}', 'status', 'succeeded', 'created_at', now(), 'send_before', now(),
      'due_at', now(), 'attempts', 0, 'request_id', 'x'))).*`);
    await expect(generous.opening.open(request)).rejects.toMatchObject({ code: '23505' });
    expect(await traces()).toEqual(NOTHING);
    await fleet.db.query(`DELETE FROM commits WHERE user_id = 'another'`);
    expect(await outcomeOf(request, [])).toBe('opened');
  });

  it('sends nothing of what the ledger opened against a check', async () => {
    const request = await requestWith([], false);
    // As if the condition in SQL had been forgotten: the cap is the operation's to tell, and it tells the two different things.
    let asked = 0;
    const operation = { ...request.operation, capAmount: () => ((asked += 1) === 1 ? undefined : 1_000_000) };
    await fleet.db.query('UPDATE personal_access_tokens SET max_trade_usdt = 100');
    await expect(generous.opening.open({ ...request, operation })).rejects.toThrow(
      'the ledger opened what a check refuses',
    );
  });

  it('loses the connection without losing what it must not', async () => {
    const request = await requestWith([], false);
    await fleet.db.query(`CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`);
    await fleet.db.query('CREATE TRIGGER cut BEFORE INSERT ON commits FOR EACH ROW EXECUTE FUNCTION cut()');
    try {
      await expect(generous.opening.open(request)).rejects.toThrow();
    } finally {
      await fleet.db.query('DROP TRIGGER cut ON commits');
      await fleet.db.query('DROP FUNCTION cut');
    }
    expect(await traces()).toEqual(NOTHING);
    expect(await outcomeOf(request, [])).toBe('opened');
  });
});

describe('a pipeline', () => {
  it('gives the rows of its last statement, and rolls everything back when one fails', async () => {
    const { pipeline } = generous;
    await fleet.db.query('DELETE FROM user_controls');
    const insert = (user: string): Prisma.Sql => Prisma.sql`INSERT INTO user_controls (user_id) VALUES (${user})`;
    await expect(pipeline.transaction([insert('a'), Prisma.sql`SELECT 1 / 0`, insert('b')])).rejects.toMatchObject({
      code: '22012',
    });
    expect(await fleet.rows('SELECT user_id FROM user_controls')).toEqual([]);
    expect(await pipeline.transaction([insert('a'), Prisma.sql`SELECT 1 AS one`])).toEqual([{ one: 1 }]);
    expect(await fleet.rows('SELECT user_id FROM user_controls')).toEqual([{ user_id: 'a' }]);
  });
});
