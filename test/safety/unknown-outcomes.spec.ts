import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../src/auth/principal.js';
import type { FaultInput } from '../../src/sandbox/fault-rules.js';
import { until } from '../support/until.js';
import { BTC, codeOf, ETH, fail, Fleet, type Instance, succeed, tokenFor, toolCall } from './support/fleet.js';

const APPROVE = 'approve_pending_trade';
const CLOSE = 'close_position';

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
const status = async (): Promise<string> => (await fleet.commits())[0]!.status;

/** Commits under a fault, wants `commit_unknown`, and then lets the reconciler look. */
async function reconciled(tool: string, args: object, fault: FaultInput): Promise<string> {
  const token = await tokenFor(instance, principal, tool, args);
  fleet.sandbox.control.fault({ method: 'PUT', ...fault });
  const { error } = await fail(instance, principal, tool, commit(args, token));
  expect(error.code).toBe('commit_unknown');
  expect(error.entry.title).toContain('Do not assume that it failed');
  expect(await status()).toBe('unknown');
  expect(await instance.reconciler.reconcile()).toBe(0);
  fleet.sandbox.control.faults.clear();
  await fleet.settle();
  const puts = fleet.puts().length;
  expect(await instance.reconciler.reconcile()).toBe(1);
  expect(fleet.puts()).toHaveLength(puts);
  expect(puts).toBe(1);
  const again = await fail(instance, principal, tool, commit(args, token));
  expect(again.error.code).toBe('action_token_used');
  expect(again.error.data).toMatchObject({ commit: { status: await status() } });
  return status();
}

const BEFORE: FaultInput[] = [
  { kind: 'drop_before' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'hang' },
];
const AFTER: FaultInput[] = [
  { kind: 'drop_after' },
  { kind: 'status', status: 500, when: 'after' },
  { kind: 'hang', when: 'after' },
];

describe.each([true, false])('with deduplication: %s', (dedupe) => {
  beforeEach(() => void fleet.sandbox.control.settings({ dedupe }));

  it.each(BEFORE)('an approval that was not applied ends as not_applied: $kind $status', async (fault) => {
    expect(await reconciled(APPROVE, ETH, fault)).toBe('not_applied');
    expect(fleet.sandbox.control.journal()).toEqual([]);
  });

  it.each(AFTER)('an approval that was applied ends as succeeded, with its result: $kind', async (fault) => {
    expect(await reconciled(APPROVE, ETH, fault)).toBe('succeeded');
    expect(fleet.sandbox.control.journal()).toHaveLength(1);
    expect((await fleet.commits())[0]).toMatchObject({
      observation: 'the trade is approved',
      result: { signal_id: ETH.signal_id, symbol: 'ETH-USDT', approved_at: expect.any(String) },
    });
  });
});

describe('an effect that comes late', () => {
  it('corrects what one look had said: not applied, then succeeded, each with its audit row', async () => {
    const hasty = fleet.instance({ upstreamTimeoutMs: 300 });
    const token = await tokenFor(hasty, principal, APPROVE, ETH);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'delay', delay_ms: 1_500 });
    expect(codeOf(await fail(hasty, principal, APPROVE, commit(ETH, token)))).toBe('commit_unknown');
    await fleet.settle();
    expect(await hasty.reconciler.reconcile()).toBe(1);
    expect(await status()).toBe('not_applied');
    const told = await fail(hasty, principal, APPROVE, commit(ETH, token));
    expect(told.error.detail).toContain('may still do so late');

    await until(
      () => fleet.sandbox.control.journal().length,
      (count) => count === 1,
    );
    await fleet.settle();
    expect(await hasty.reconciler.reconcile()).toBe(1);
    expect(await status()).toBe('succeeded');
    const codes = await fleet.rows<{ outcome: string; code: string | null }>(
      `SELECT outcome, code FROM audit_events WHERE transport = 'reconciler' ORDER BY id`,
    );
    expect(codes).toEqual([
      { outcome: 'error', code: 'commit_not_applied' },
      { outcome: 'ok', code: null },
    ]);
    await fleet.settle();
    expect(await hasty.reconciler.reconcile()).toBe(0);
  });

  it('never makes two successes of one effect', async () => {
    const first = await tokenFor(instance, principal, APPROVE, ETH);
    const second = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_before', times: 1 });
    await fail(instance, principal, APPROVE, commit(ETH, first));
    await fleet.settle();
    await instance.reconciler.reconcile();
    await succeed(instance, principal, APPROVE, commit(ETH, second));
    await fleet.settle();
    await instance.reconciler.reconcile();
    expect((await fleet.commits()).map((row) => row.status).sort()).toEqual(['not_applied', 'succeeded']);
  });

  it('is looked for only for some minutes', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_before', times: 1 });
    await fail(instance, principal, APPROVE, commit(ETH, token));
    await fleet.settle();
    await instance.reconciler.reconcile();
    await fleet.rows(`UPDATE commits SET created_at = created_at - interval '6 minutes'`);
    await fleet.settle();
    expect(await instance.reconciler.reconcile()).toBe(1);
    expect(await fleet.rows(`SELECT due_at::text FROM commits`)).toEqual([{ due_at: 'infinity' }]);
  });
});

describe('two commits for one trade', () => {
  it('an approval waits until an earlier one has ended, so that one effect never proves both; its token stays good', async () => {
    const first = await tokenFor(instance, principal, APPROVE, ETH);
    const second = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_before', times: 1 });
    expect(codeOf(await fail(instance, principal, APPROVE, commit(ETH, first)))).toBe('commit_unknown');
    const { error } = await fail(instance, principal, APPROVE, commit(ETH, second));
    expect(error).toMatchObject({ code: 'commit_in_progress', data: { commit_id: (await fleet.commits())[0]!.id } });
    expect(fleet.puts()).toHaveLength(1);
    await fleet.settle();
    expect(await instance.reconciler.reconcile()).toBe(1);
    await succeed(instance, principal, APPROVE, commit(ETH, second));
    expect((await fleet.commits()).map((row) => row.status).sort()).toEqual(['not_applied', 'succeeded']);
    expect(fleet.sandbox.control.journal()).toHaveLength(1);
  });

  it('closing does not wait: an emergency exit is never blocked', async () => {
    const first = await tokenFor(instance, principal, CLOSE, BTC);
    const second = await tokenFor(instance, principal, CLOSE, BTC);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_before', times: 1 });
    expect(codeOf(await fail(instance, principal, CLOSE, commit(BTC, first)))).toBe('commit_unknown');
    await succeed(instance, principal, CLOSE, commit(BTC, second));
    expect(fleet.sandbox.control.journal()).toHaveLength(1);
  });
});

describe('without the pending flag', () => {
  beforeEach(() => void fleet.sandbox.control.settings({ send_pending: false }));

  it.each([...BEFORE.slice(0, 1), ...AFTER.slice(0, 1)])('nobody can tell about an approval: $kind', async (fault) => {
    expect(await reconciled(APPROVE, ETH, fault)).toBe('undetermined');
  });

  it('nor can a flag that only appears later', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_after' });
    await fail(instance, principal, APPROVE, commit(ETH, token));
    fleet.sandbox.control.settings({ send_pending: true });
    await fleet.settle();
    await instance.reconciler.reconcile();
    expect(await status()).toBe('undetermined');
  });
});

describe('a close', () => {
  it('ends as not_applied while the position is open', async () => {
    expect(await reconciled(CLOSE, BTC, { kind: 'drop_before' })).toBe('not_applied');
  });

  it('ends as undetermined when it is gone: it may have hit its stop', async () => {
    expect(await reconciled(CLOSE, BTC, { kind: 'drop_after' })).toBe('undetermined');
    expect((await fleet.commits())[0]).toMatchObject({ observation: 'the position is no longer open', result: null });
  });
});

describe('nothing was sent', () => {
  it('when pwa-be cannot be connected to: said so, and the row is ended', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const away = fleet.instance({
      reach: async (point) => {
        if (point === 'before_put') await fleet.sandbox.stop();
      },
    });
    const { error } = await fail(away, principal, CLOSE, commit(BTC, token));
    expect(error.code).toBe('commit_not_applied');
    expect(await status()).toBe('not_applied');
    await fleet.stop();
    fleet = await Fleet.start();
  });

  it('when the send window has passed', async () => {
    const slow = fleet.instance({
      timing: { sendWindowMs: 30 },
      reach: (point) => (point === 'before_put' ? new Promise((resolve) => setTimeout(resolve, 60)) : undefined),
    });
    const token = await tokenFor(slow, principal, CLOSE, BTC);
    expect((await fail(slow, principal, CLOSE, commit(BTC, token))).error.code).toBe('commit_not_applied');
    expect(fleet.puts()).toEqual([]);
    expect(await status()).toBe('not_applied');
  });

  it('nor is anything sent after the expiry of the token, whatever the window', async () => {
    const slow = fleet.instance({
      reach: async (point) => {
        if (point === 'before_tx1')
          await fleet.rows(`UPDATE action_tokens SET expires_at = clock_timestamp() + interval '1 second'`);
        if (point === 'before_put') await new Promise((resolve) => setTimeout(resolve, 1_010));
      },
    });
    const token = await tokenFor(slow, principal, CLOSE, BTC);
    expect((await fail(slow, principal, CLOSE, commit(BTC, token))).error.code).toBe('commit_not_applied');
    expect(fleet.puts()).toEqual([]);
  });
});

describe('when the database goes away', () => {
  it('after the PUT: the answer is commit_unknown, and the reconciler ends the row', async () => {
    const cut = fleet.instance({
      reach: (point) => {
        if (point === 'before_tx2') throw Object.assign(new Error('Connection terminated'), { code: '57P01' });
      },
    });
    const token = await tokenFor(cut, principal, APPROVE, ETH);
    expect((await fail(cut, principal, APPROVE, commit(ETH, token))).error.code).toBe('commit_unknown');
    expect(await status()).toBe('pending');
    await fleet.settle();
    await instance.reconciler.reconcile();
    expect(await status()).toBe('succeeded');
    expect(await fleet.rows(`SELECT transport, outcome FROM audit_events WHERE transport = 'reconciler'`)).toEqual([
      { transport: 'reconciler', outcome: 'ok' },
    ]);
  });

  it('before the PUT: nothing was sent, and the reconciler ends the row', async () => {
    const crashed = fleet.instance({
      reach: (point) => {
        if (point === 'after_tx1') throw new Error('killed');
      },
    });
    const token = await tokenFor(crashed, principal, APPROVE, ETH);
    await fail(crashed, principal, APPROVE, commit(ETH, token));
    const impatient = fleet.instance({ timing: { repeatMs: 0 } });
    expect(codeOf(await fail(impatient, principal, APPROVE, commit(ETH, token)))).toBe('commit_in_progress');
    await fleet.settle();
    const { error } = await fail(instance, principal, APPROVE, commit(ETH, token));
    expect(error.code).toBe('action_token_used');
    expect(error.detail).toContain('still being looked up');
    await instance.reconciler.reconcile();
    expect(await status()).toBe('not_applied');
    expect(fleet.puts()).toEqual([]);
  });
});

describe('the reconciler', () => {
  it('gives a row to one of two instances', async () => {
    const other = fleet.instance();
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_before' });
    await fail(instance, principal, CLOSE, commit(BTC, token));
    await fleet.settle();
    const counts = await Promise.all([instance.reconciler.reconcile(), other.reconciler.reconcile()]);
    expect(counts.sort()).toEqual([0, 1]);
    expect(await fleet.rows(`SELECT 1 FROM audit_events WHERE transport = 'reconciler'`)).toHaveLength(1);
  });

  it('waits while pwa-be is away, and ends the row by itself when it is back', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.fault({ kind: 'drop_after', method: 'PUT' });
    await fail(instance, principal, APPROVE, commit(ETH, token));
    await fleet.settle();
    fleet.sandbox.control.fault({ kind: 'status', status: 503, method: 'GET' });
    expect(await instance.reconciler.reconcile()).toBe(1);
    expect(await status()).toBe('unknown');
    fleet.sandbox.control.faults.clear();
    const running = fleet.instance({ timing: { pollMs: 50 } });
    running.reconciler.onApplicationBootstrap();
    const deadline = Date.now() + 10_000;
    while ((await status()) === 'unknown' && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await status()).toBe('succeeded');
  });

  it('takes over the row of an instance that died with it', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.fault({ kind: 'drop_after', method: 'PUT' });
    await fail(instance, principal, APPROVE, commit(ETH, token));
    await fleet.settle();
    await fleet.rows(`UPDATE commits SET leased_until = now() + interval '1 minute', attempts = 1`);
    expect(await instance.reconciler.reconcile()).toBe(0);
    await fleet.rows(`UPDATE commits SET leased_until = now() - interval '1 second'`);
    expect(await instance.reconciler.reconcile()).toBe(1);
    expect(await status()).toBe('succeeded');
  });

  it("is outranked by pwa-be's own answer when that comes late", async () => {
    const late = fleet.instance({
      reach: async (point) => {
        if (point !== 'before_tx2') return;
        fleet.sandbox.control.settings({ send_pending: false });
        await fleet.settle();
        await instance.reconciler.reconcile();
        expect(await status()).toBe('undetermined');
      },
    });
    const token = await tokenFor(late, principal, APPROVE, ETH);
    await succeed(late, principal, APPROVE, commit(ETH, token));
    expect((await fleet.commits())[0]).toMatchObject({ status: 'succeeded', observation: null });
  });
});

describe('a client that goes away', () => {
  it('does not cancel a commit that is in the ledger; the process waits for it', async () => {
    const client = new AbortController();
    const leaving = fleet.instance({ reach: (point) => void (point === 'before_put' && client.abort()) });
    const token = await tokenFor(leaving, principal, CLOSE, BTC);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'delay', delay_ms: 200 });
    const running = leaving.runner.run(toolCall(principal, CLOSE, commit(BTC, token), { signal: client.signal }));
    await new Promise<void>((resolve) => client.signal.addEventListener('abort', () => resolve()));
    await leaving.inFlight.onApplicationShutdown();
    expect(await status()).toBe('succeeded');
    expect(codeOf(await running)).toBe('ok');
  });

  it('does cancel one that is not', async () => {
    const client = new AbortController();
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    client.abort();
    const outcome = await instance.runner.run(
      toolCall(principal, CLOSE, commit(BTC, token), { signal: client.signal }),
    );
    expect(codeOf(outcome)).toBe('cancelled');
    expect(fleet.puts()).toEqual([]);
  });
});
