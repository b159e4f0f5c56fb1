import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Principal } from '../../src/auth/principal.js';
import { until } from '../support/until.js';
import { BTC, codeOf, ETH, fail, Fleet, type Instance, succeed, tokenFor, toolCall } from './support/fleet.js';
import { person } from '../support/person.js';

const APPROVE = 'approve_pending_trade';
const CLOSE = 'close_position';
const SOL = { position_id: 'pos_2026060402' };

let fleet: Fleet;
let instance: Instance;
let principal: Principal;

beforeAll(async () => {
  fleet = await Fleet.start();
});
beforeEach(async () => {
  await fleet.reset();
  instance = fleet.instance();
  principal = await fleet.principal();
});
afterAll(() => fleet.stop());

const commit = (args: object, token: string): object => ({ ...args, dry_run: false, action_token: token });
const revoke = (): Promise<unknown> => fleet.rows('UPDATE personal_access_tokens SET revoked_at = now()');

/** A gate in the middle of a commit: it waits there until it is let go. */
function gate() {
  let open!: () => void;
  let arrived!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (arrived = resolve));
  const wait = (): Promise<void> => {
    arrived();
    return opened;
  };
  return { open, reached, wait };
}

describe('freezing', () => {
  it('refuses a commit on another instance from the answer on, burns no token, and says since when and where to resume', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const { frozen_at } = await fleet.instance().freeze.freeze(person(principal.userId));
    const { error } = await fail(instance, principal, CLOSE, commit(BTC, token));
    expect(error.code).toBe('account_frozen');
    expect(error.detail).toContain(frozen_at);
    expect(error.detail).toContain('https://pages.test/settings/tokens');
    expect(fleet.puts()).toEqual([]);
    await fleet.instance().freeze.resume(person(principal.userId));
    await succeed(instance, principal, CLOSE, commit(BTC, token));
  });

  it('refuses a commit that had passed every check but was not in the ledger yet', async () => {
    const racing = fleet.instance({
      reach: async (point) => {
        if (point === 'before_tx1') await instance.freeze.freeze(person(principal.userId));
      },
    });
    const token = await tokenFor(racing, principal, CLOSE, BTC);
    expect((await fail(racing, principal, CLOSE, commit(BTC, token))).error.code).toBe('account_frozen');
    expect(fleet.puts()).toEqual([]);
    expect(await fleet.commits()).toEqual([]);
    expect(await fleet.rows(`SELECT 1 FROM audit_events WHERE outcome = 'intent'`)).toEqual([]);
    await instance.freeze.resume(person(principal.userId));
    await succeed(instance, principal, CLOSE, commit(BTC, token));
  });

  it('lists the commits that were in the ledger before it', async () => {
    const held = gate();
    const racing = fleet.instance({ reach: (point) => (point === 'before_put' ? held.wait() : undefined) });
    const token = await tokenFor(racing, principal, CLOSE, BTC);
    const running = racing.runner.run(toolCall(principal, CLOSE, commit(BTC, token)));
    await held.reached;
    const { in_flight: inFlight } = await instance.freeze.freeze(person(principal.userId));
    expect(inFlight).toMatchObject([{ tool: CLOSE, status: 'pending' }]);
    held.open();
    expect(codeOf(await running)).toBe('ok');
    expect(await instance.freeze.status(principal.userId)).toMatchObject({ in_flight: [] });
  });

  it('leaves reads, previews and other users alone, and keeps its first time', async () => {
    const first = await instance.freeze.freeze(person(principal.userId));
    expect((await instance.freeze.freeze(person(principal.userId))).frozen_at).toBe(first.frozen_at);
    await succeed(instance, principal, 'get_positions', {});
    await succeed(instance, principal, CLOSE, BTC);
    const other = await fleet.principal({ userId: 'usr_demo_2b7c44' });
    const args = { position_id: 'pos_2026060311' };
    await succeed(instance, other, CLOSE, commit(args, await tokenFor(instance, other, CLOSE, args)));
  });

  it('wins or is listed, in every race: nothing is sent after its answer that it did not list', async () => {
    for (let round = 0; round < 10; round++) {
      fleet.sandbox.control.reset();
      await fleet.rows('TRUNCATE commits, user_controls');
      const token = await tokenFor(instance, principal, CLOSE, BTC);
      const running = instance.runner.run(toolCall(principal, CLOSE, commit(BTC, token)));
      await new Promise((resolve) => setTimeout(resolve, round * 2));
      const { in_flight: inFlight } = await instance.freeze.freeze(person(principal.userId));
      const putsThen = fleet.puts().length;
      const code = codeOf(await running);
      expect(['ok', 'account_frozen']).toContain(code);
      if (code === 'ok') expect(inFlight.length + putsThen).toBeGreaterThan(0);
      else expect(fleet.puts()).toEqual([]);
    }
  });
});

describe('revoking', () => {
  it('refuses a commit that had passed every check but was not in the ledger yet', async () => {
    const racing = fleet.instance({ reach: async (point) => void (point === 'before_tx1' && (await revoke())) });
    const token = await tokenFor(racing, principal, CLOSE, BTC);
    expect((await fail(racing, principal, CLOSE, commit(BTC, token))).error.code).toBe('credential_revoked');
    expect(fleet.puts()).toEqual([]);
    expect(await fleet.rows('SELECT 1 FROM action_tokens WHERE used_at IS NOT NULL')).toEqual([]);
  });

  it.each([
    ['expired', `expires_at = now() - interval '1 second'`],
    ['stripped of the scope', `scopes = '{read:positions}'`],
  ])('a credential that was %s meanwhile', async (_, change) => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    await fleet.rows(`UPDATE personal_access_tokens SET ${change}`);
    expect((await fail(instance, principal, CLOSE, commit(BTC, token))).error.code).toBe('credential_revoked');
    expect(fleet.puts()).toEqual([]);
  });

  it('a kind of credential without a lock cannot write at all', async () => {
    const oauth = { ...principal, kind: 'oauth' as const };
    const token = await tokenFor(instance, oauth, CLOSE, BTC);
    expect((await fail(instance, oauth, CLOSE, commit(BTC, token))).error.code).toBe('internal_error');
    expect(fleet.puts()).toEqual([]);
  });
});

describe('the locks of a commit', () => {
  let letGo: () => void = () => undefined;
  afterEach(() => letGo());

  /** Does something in a transaction that is held open until it is ended, at the latest when the test ends. */
  async function holding(sql: string, values: unknown[] = []) {
    const client = await fleet.db.connect();
    await client.query('BEGIN');
    await client.query(sql, values);
    let held = true;
    letGo = () => {
      if (held) client.release(true);
      held = false;
    };
    return async (): Promise<void> => {
      await client.query('COMMIT');
      letGo();
    };
  }
  /** How many sessions of this database wait for a lock. */
  const waiters = async (): Promise<number> =>
    (await fleet.rows(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`))
      .length;

  it.each([
    [
      'freeze',
      `INSERT INTO user_controls VALUES ($1, now()) ON CONFLICT (user_id) DO UPDATE SET frozen_at = now()`,
      'account_frozen',
    ],
    ['revoke', 'UPDATE personal_access_tokens SET revoked_at = now() WHERE user_id = $1', 'credential_revoked'],
  ])('wait for a %s that has not answered yet, and then obey it', async (_, sql, code) => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const end = await holding(sql, [principal.userId]);
    const running = instance.runner.run(toolCall(principal, CLOSE, commit(BTC, token)));
    expect(await until(waiters, (count) => count > 0)).toBe(1);
    expect(await fleet.commits()).toEqual([]);
    await end();
    expect(codeOf(await running)).toBe(code);
    expect(fleet.puts()).toEqual([]);
  });

  it('make a freeze wait whose commit is under way, so that it is in the list', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const held = gate();
    const racing = fleet.instance({ reach: (point) => (point === 'before_put' ? held.wait() : undefined) });
    const end = await holding('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`commits:${principal.userId}`]);
    const running = racing.runner.run(toolCall(principal, CLOSE, commit(BTC, token)));
    expect(await until(waiters, (count) => count > 0)).toBe(1);
    let answered = false;
    const freezing = instance.freeze.freeze(person(principal.userId)).finally(() => (answered = true));
    await until(waiters, (count) => answered || count === 2);
    expect(answered).toBe(false);
    await end();
    expect((await freezing).in_flight).toMatchObject([{ status: 'pending' }]);
    held.open();
    expect(codeOf(await running)).toBe('ok');
  });
});

describe('the clock that counts', () => {
  it.each([-10, 10])("is the database's: %s minutes off here change nothing", async (minutes) => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const expired = await tokenFor(instance, principal, CLOSE, SOL);
    await fleet.rows(`UPDATE action_tokens SET expires_at = now() WHERE token_hash = sha256(convert_to($1, 'UTF8'))`, [
      expired,
    ]);
    const here = Date.now.bind(Date);
    const shifted = jest.spyOn(Date, 'now').mockImplementation(() => here() + minutes * 60_000);
    try {
      expect(codeOf(await fail(instance, principal, CLOSE, commit(SOL, expired)))).toBe('action_token_expired');
      await succeed(instance, principal, CLOSE, commit(BTC, token));
    } finally {
      shifted.mockRestore();
    }
  });
});

describe('the cap', () => {
  it('refuses a larger approval and burns no token; a lower cap set meanwhile counts', async () => {
    const capped = await fleet.principal({ maxTradeUsdt: 99.99 });
    const token = await tokenFor(instance, capped, APPROVE, ETH);
    const { error } = await fail(instance, capped, APPROVE, commit(ETH, token));
    expect(error.code).toBe('cap_exceeded');
    expect(error.data).toEqual({ size_usdt: 100, max_trade_usdt: 99.99 });
    const lowered = await fleet.principal({ maxTradeUsdt: 100 });
    const second = await tokenFor(instance, lowered, APPROVE, ETH);
    await fleet.rows('UPDATE personal_access_tokens SET max_trade_usdt = 50');
    expect((await fail(instance, lowered, APPROVE, commit(ETH, second))).error.code).toBe('cap_exceeded');
    expect(fleet.puts()).toEqual([]);
    await fleet.rows('UPDATE personal_access_tokens SET max_trade_usdt = 100');
    await succeed(instance, lowered, APPROVE, commit(ETH, second));
  });

  it('never stops a close', async () => {
    const capped = await fleet.principal({ maxTradeUsdt: 1 });
    await succeed(instance, capped, CLOSE, commit(BTC, await tokenFor(instance, capped, CLOSE, BTC)));
  });
});

describe('the hourly limit', () => {
  it('holds under concurrency on two instances, burns no token, and says when to come back', async () => {
    const limited = { config: { commitsPerHour: 1 } };
    const instances = [fleet.instance(limited), fleet.instance(limited)];
    const calls = [BTC, SOL, BTC, SOL].map(async (args, index) => {
      const token = await tokenFor(instances[index % 2]!, principal, CLOSE, args);
      return toolCall(principal, CLOSE, commit(args, token));
    });
    const ready = await Promise.all(calls);
    const outcomes = await Promise.all(ready.map((call, index) => instances[index % 2]!.runner.run(call)));
    expect(outcomes.map(codeOf).filter((code) => code === 'ok')).toHaveLength(1);
    expect(fleet.puts()).toHaveLength(1);
    const refused = outcomes.find((outcome) => codeOf(outcome) === 'commit_limit_reached');
    expect(refused).toMatchObject({ error: { retryAfterSeconds: expect.any(Number) } });
    const seconds = (refused as { error: { retryAfterSeconds: number } }).error.retryAfterSeconds;
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
    // An hour later the same token is still good for what it was made for.
    await fleet.rows(`UPDATE commits SET created_at = created_at - interval '61 minutes'`);
    const remaining = ready.filter((_, index) => codeOf(outcomes[index]!) === 'commit_limit_reached');
    const codes = [];
    for (const call of remaining) codes.push(codeOf(await instances[0]!.runner.run(call)));
    expect(codes).toContain('ok');
  });

  it("does not count other users' commits", async () => {
    const one = fleet.instance({ config: { commitsPerHour: 1 } });
    const other = await fleet.principal({ userId: 'usr_demo_2b7c44' });
    const args = { position_id: 'pos_2026060311' };
    await succeed(one, other, CLOSE, commit(args, await tokenFor(one, other, CLOSE, args)));
    await succeed(one, principal, CLOSE, commit(BTC, await tokenFor(one, principal, CLOSE, BTC)));
  });
});
