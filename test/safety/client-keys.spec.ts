import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import type { Principal } from '../../src/auth/principal.js';
import { SECOND_DEMO_USER } from '../../src/config/demo.js';
import { AppError } from '../../src/errors/app-error.js';
import type { CrashPoint } from '../../src/safety/crash-points.js';
import type { ToolOutcome } from '../../src/tools/tool-call.js';
import { until } from '../support/until.js';
import { BTC, codeOf, ETH, Fleet, type Instance, tokenFor, toolCall } from './support/fleet.js';
import { person } from '../support/person.js';

const APPROVE = 'approve_pending_trade';
const CLOSE = 'close_position';
const SOL = { position_id: 'pos_2026060402' };
/** The machine may be slow: what is tested here is not how long a look may take. */
const PATIENT = { upstreamTimeoutMs: 6_000, timing: { previewMs: 6_000 } };
/** Of a call that has no time to wait for another one's end. */
const IMPATIENT = { ...PATIENT, timing: { ...PATIENT.timing, repeatMs: 0 } };

let fleet: Fleet;
let instance: Instance;
let principal: Principal;

beforeAll(async () => {
  fleet = await Fleet.start();
});
beforeEach(async () => {
  await fleet.reset();
  instance = fleet.instance(PATIENT);
  principal = await fleet.principal();
});
afterAll(() => fleet.stop());

interface Commit {
  readonly key?: string;
  readonly tool?: string;
  readonly args?: object;
  readonly who?: Principal;
  readonly on?: Instance;
  /** A new preview's, unless given. */
  readonly token?: string;
}

/** Commits with a key, each time with an action token of its own. */
async function commit({
  key = 'k',
  tool = CLOSE,
  args = BTC,
  who = principal,
  on = instance,
  token,
}: Commit): Promise<ToolOutcome> {
  const actionToken = token ?? (await tokenFor(on, who, tool, args));
  const more = { transport: 'rest', idempotencyKey: key } as const;
  return on.runner.run(toolCall(who, tool, { ...args, dry_run: false, action_token: actionToken }, more));
}

const structuredOf = (outcome: ToolOutcome): unknown => (outcome.ok ? outcome.structured : outcome.error.code);

/** A token for a trade that can no longer be previewed, as a client may still hold one. */
const tokens = (count: number, tool: string, args: object): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => tokenFor(instance, principal, tool, args)));

/** Something that waits at a point of a commit until it is let go. */
function gate() {
  let open!: () => void;
  let arrived!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (arrived = resolve));
  const at = (point: CrashPoint) => (passed: CrashPoint) => {
    if (passed !== point) return;
    arrived();
    return opened;
  };
  return { open, reached, at };
}

describe('a key that was used', () => {
  it.each([
    [CLOSE, BTC],
    [APPROVE, ETH],
  ])(
    'answers what became of its %s, whatever token comes with it, on every instance; nothing is sent',
    async (tool, args) => {
      const [first, second, third] = (await tokens(3, tool, args)) as [string, string, string];
      const done = await commit({ tool, args, token: first });
      expect(codeOf(done)).toBe('ok');
      for (const [token, on] of [
        [second, instance],
        [third, fleet.instance(PATIENT)],
        [first, fleet.instance(PATIENT)],
      ] as const) {
        const again = await commit({ tool, args, token, on });
        expect(structuredOf(again)).toEqual(structuredOf(done));
      }
      expect(fleet.puts()).toHaveLength(1);
      expect(await fleet.commits()).toHaveLength(1);
      expect(await fleet.rows('SELECT 1 FROM action_tokens WHERE used_at IS NULL')).toHaveLength(2);
    },
  );

  it('also when no token of any use comes with it', async () => {
    await commit({});
    for (const token of ['nonsense', `tc_act_${'A'.repeat(43)}`]) expect(codeOf(await commit({ token }))).toBe('ok');
    expect(fleet.puts()).toHaveLength(1);
  });

  it('is not good for another write', async () => {
    await commit({});
    expect(codeOf(await commit({ args: SOL }))).toBe('idempotency_key_reused');
    expect(codeOf(await commit({ tool: APPROVE, args: ETH }))).toBe('idempotency_key_reused');
    expect(fleet.puts()).toHaveLength(1);
    expect(codeOf(await commit({ args: SOL, key: 'another' }))).toBe('ok');
  });

  it('repeats a refusal of TradeCafe and an outcome that is not known', async () => {
    fleet.sandbox.control.settings({ drawdown_pct: 40 });
    for (const _ of [1, 2]) expect(codeOf(await commit({ tool: APPROVE, args: ETH }))).toBe('commit_refused');
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_before', times: 1 });
    for (const _ of [1, 2]) expect(codeOf(await commit({ key: 'lost' }))).toBe('commit_unknown');
    await fleet.settle();
    await instance.reconciler.reconcile();
    expect(codeOf(await commit({ key: 'lost' }))).toBe('commit_not_applied');
    expect(fleet.puts()).toHaveLength(2);
    expect(codeOf(await commit({ key: 'new' }))).toBe('ok');
  });

  it("is one credential's: the same key of another user, or of another token of the same user, is another key", async () => {
    const stranger = await fleet.principal({ userId: SECOND_DEMO_USER.id });
    const sibling = await fleet.principal();
    expect(codeOf(await commit({}))).toBe('ok');
    expect(codeOf(await commit({ who: stranger, args: { position_id: 'pos_2026060311' } }))).toBe('ok');
    expect(codeOf(await commit({ who: sibling, args: SOL }))).toBe('ok');
    expect(fleet.puts()).toHaveLength(3);
  });

  it('is remembered as long as the ledger', async () => {
    await commit({});
    await fleet.rows(`UPDATE commits SET created_at = now() - interval '3 years', finished_at = created_at`);
    await fleet.rows('DELETE FROM action_tokens');
    expect(codeOf(await commit({ token: 'gone' }))).toBe('ok');
    expect(fleet.puts()).toHaveLength(1);
  });

  it('stands in the ledger as a hash that tells nothing about it', async () => {
    await commit({ key: 'my-very-own-key' });
    const [row] = await fleet.rows<{ client_key_hash: Buffer }>('SELECT client_key_hash FROM commits');
    expect(row!.client_key_hash).toHaveLength(32);
    const dump = JSON.stringify([
      await fleet.rows('SELECT * FROM commits'),
      await fleet.rows('SELECT * FROM audit_events'),
    ]);
    expect(dump).not.toContain('my-very-own-key');
  });
});

describe('a key that was not used', () => {
  it('is not used up by a refusal of ours', async () => {
    await instance.freeze.freeze(person(principal.userId));
    expect(codeOf(await commit({}))).toBe('account_frozen');
    await instance.freeze.resume(person(principal.userId));
    expect(codeOf(await commit({ token: 'nonsense' }))).toBe('action_token_invalid');
    expect(codeOf(await commit({}))).toBe('ok');
  });

  it.each(['', '  '])('%j is none', async (key) => {
    expect(codeOf(await commit({ key }))).toBe('ok');
    expect(codeOf(await commit({ key, args: SOL }))).toBe('ok');
  });

  it('too long is refused before anything is spent', async () => {
    expect(codeOf(await commit({ key: 'k'.repeat(201) }))).toBe('invalid_request');
    expect(await fleet.rows('SELECT 1 FROM action_tokens WHERE used_at IS NOT NULL')).toEqual([]);
  });
});

describe('the same key at once', () => {
  const COUNT = 8;

  it.each([
    [CLOSE, BTC],
    [APPROVE, ETH],
  ])(
    'with fresh previews on two instances, all of them past every look: one PUT of %s, and all are told the same',
    async (tool, args) => {
      let waiting = 0;
      const everybody = gate();
      // Nobody goes into the ledger before all have found that nobody has.
      const reach = (point: CrashPoint): Promise<void> | undefined => {
        if (point === 'before_tx1' && ++waiting === COUNT) everybody.open();
        return everybody.at('before_tx1')(point);
      };
      const instances = [fleet.instance({ ...PATIENT, reach }), fleet.instance({ ...PATIENT, reach })];
      const all = await Promise.all(
        (await tokens(COUNT, tool, args)).map((token, index) =>
          commit({ tool, args, token, on: instances[index % 2]! }),
        ),
      );
      expect(waiting).toBe(COUNT);
      expect(fleet.puts()).toHaveLength(1);
      expect(await fleet.commits()).toMatchObject([{ status: 'succeeded' }]);
      expect(all.map(codeOf)).toEqual(Array(COUNT).fill('ok'));
      for (const outcome of all) expect(structuredOf(outcome)).toEqual(structuredOf(all[0]!));
      expect(await fleet.rows('SELECT 1 FROM action_tokens WHERE used_at IS NOT NULL')).toHaveLength(1);
      expect(await fleet.rows(`SELECT 1 FROM audit_events WHERE outcome = 'intent'`)).toHaveLength(1);
    },
  );

  it('for two writes: one is carried out, the other one is refused', async () => {
    const codes = (await Promise.all([commit({}), commit({ args: SOL, on: fleet.instance(PATIENT) })])).map(codeOf);
    expect(codes.sort()).toEqual(['idempotency_key_reused', 'ok']);
    expect(fleet.puts()).toHaveLength(1);
  });
});

describe('a commit that is under way', () => {
  /** A commit that stands right before its PUT. */
  async function underWay(key: string) {
    const held = gate();
    const [token, other] = (await tokens(2, CLOSE, BTC)) as [string, string];
    const first = commit({ key, token, on: fleet.instance({ ...PATIENT, reach: held.at('before_put') }) });
    await held.reached;
    return { held, first, token, other };
  }

  it('is waited for by whoever repeats it by its key', async () => {
    const { held, first, other } = await underWay('k');
    let answered = false;
    const again = commit({ token: other }).finally(() => (answered = true));
    await until(
      () => fleet.rows('SELECT 1 FROM pg_stat_activity WHERE datname = current_database()'),
      () => false,
      400,
    );
    expect(answered).toBe(false);
    held.open();
    expect(codeOf(await first)).toBe('ok');
    expect(structuredOf(await again)).toEqual(structuredOf(await first));
    expect(fleet.puts()).toHaveLength(1);
  });

  it('is waited for by whoever repeats it by its token: the error says how it ended', async () => {
    const { held, first, token } = await underWay('');
    const again = instance.runner.run(toolCall(principal, CLOSE, { ...BTC, dry_run: false, action_token: token }));
    held.open();
    await first;
    expect(await again).toMatchObject({
      error: { code: 'action_token_used', data: { commit: { status: 'succeeded' } } },
    });
  });

  it('is told to be under way when the time of a call is over: come back, and nothing was sent twice', async () => {
    const { held, first, token, other } = await underWay('k');
    const hasty = fleet.instance(IMPATIENT);
    for (const answer of [
      await commit({ token: other, on: hasty }),
      await hasty.runner.run(toolCall(principal, CLOSE, { ...BTC, dry_run: false, action_token: token })),
    ]) {
      expect(answer).toMatchObject({
        error: {
          code: 'commit_in_progress',
          entry: { status: 409 },
          retryAfterSeconds: 5,
          detail: expect.stringContaining('This very commit'),
          data: { commit: { status: 'pending' } },
        },
      });
    }
    held.open();
    await first;
    expect(codeOf(await commit({ token: other, on: hasty }))).toBe('ok');
    expect(fleet.puts()).toHaveLength(1);
  });

  it('is looked at by one statement at a time, however many wait for it', async () => {
    const { held, first, other } = await underWay('k');
    const queries = jest.spyOn(pg.Client.prototype, 'query');
    const looks = (): number =>
      queries.mock.calls.filter(([query]) => /FROM commits WHERE id =/.test((query as unknown as pg.QueryConfig).text))
        .length;
    try {
      const startedAt = performance.now();
      const waiting = Array.from({ length: 20 }, () => commit({ token: other }));
      await until(looks, (count) => count >= 4);
      const atMost = 2 + (performance.now() - startedAt) / 100;
      expect(looks()).toBeGreaterThanOrEqual(4);
      expect(looks()).toBeLessThanOrEqual(atMost);
      held.open();
      expect((await Promise.all(waiting)).map(codeOf)).toEqual(Array(20).fill('ok'));
      await first;
    } finally {
      queries.mockRestore();
    }
  });
});

describe('an instance that dies with a keyed commit', () => {
  it.each([
    ['after_tx1', 'commit_not_applied', 0],
    ['after_put', 'ok', 1],
    ['before_tx2', 'ok', 1],
  ] as const)('%s: its repetition never sends, and learns the end: %s', async (fatal, code, puts) => {
    const dying = fleet.instance({
      ...PATIENT,
      reach: (point) => {
        if (point === fatal) throw new Error('killed');
      },
    });
    const [first, second] = (await tokens(2, APPROVE, ETH)) as [string, string];
    const asked = { tool: APPROVE, args: ETH };
    expect(codeOf(await commit({ ...asked, token: first, on: dying }))).not.toBe('ok');
    const other = fleet.instance(IMPATIENT);
    expect(codeOf(await commit({ ...asked, token: second, on: other }))).toBe('commit_in_progress');
    // Left behind for longer than it may be under way: from then on it is not known.
    await fleet.settle();
    expect(codeOf(await commit({ ...asked, token: second, on: other }))).toBe('commit_unknown');
    await other.reconciler.reconcile();
    expect(codeOf(await commit({ ...asked, token: second, on: other }))).toBe(code);
    expect(fleet.puts()).toHaveLength(puts);
    expect(await fleet.commits()).toHaveLength(1);
  });
});

describe('one key at both doors', () => {
  const origin = () => ({
    principal,
    transport: 'api',
    operation: 'PUT /api/trade/close/:id',
    requestId: randomUUID(),
    startedAt: performance.now(),
  });

  it('is one write', async () => {
    const write = async (id: string, key: string): Promise<string> => {
      await instance.api.recordReads(principal, [id]);
      const outcome = await instance.api.commitApiWrite('close', id, key, origin()).catch((error: unknown) => error);
      return outcome instanceof AppError ? outcome.code : (outcome as { kind: string }).kind;
    };
    expect(codeOf(await commit({ key: 'tool first' }))).toBe('ok');
    expect(await write(BTC.position_id, 'tool first')).toBe('done');
    expect(await write(SOL.position_id, 'tool first')).toBe('idempotency_key_reused');
    const [late] = await tokens(1, CLOSE, SOL);
    expect(await write(SOL.position_id, 'api first')).toBe('done');
    expect(await commit({ key: 'api first', args: SOL, token: late })).toMatchObject({
      ok: true,
      structured: { dry_run: false, preview: SOL, committed: SOL },
    });
    expect(fleet.puts()).toHaveLength(2);
  });
});
