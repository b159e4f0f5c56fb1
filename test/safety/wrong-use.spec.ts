import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../src/auth/principal.js';
import { SECOND_DEMO_USER } from '../../src/config/demo.js';
import { BTC, codeOf, ETH, fail, Fleet, type Instance, succeed, tokenFor, toolCall } from './support/fleet.js';
import { person } from '../support/person.js';

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

const commit = (args: object, more: object = {}): object => ({ ...args, dry_run: false, ...more });

describe('a wrong use of the round trip fails with its own code, sends nothing and says what to do', () => {
  /** Nothing left the house, nothing was spent. */
  const nothingHappened = async (): Promise<void> => {
    expect(fleet.puts()).toEqual([]);
    expect(await fleet.commits()).toEqual([]);
    expect(await fleet.rows('SELECT 1 FROM action_tokens WHERE used_at IS NOT NULL')).toEqual([]);
  };

  it('no token', async () => {
    const { error } = await fail(instance, principal, APPROVE, commit(ETH));
    expect(error.code).toBe('action_token_required');
    expect(error.entry.next).toContain('dry_run=true');
    await nothingHappened();
  });

  it.each(['', 'x', 'tc_act_', `tc_act_${'A'.repeat(43)}`, `tc_pat_${'A'.repeat(43)}`, `tc_act_${'A'.repeat(44)}`])(
    'a token that never was: %j',
    async (token) => {
      expect((await fail(instance, principal, APPROVE, commit(ETH, { action_token: token }))).error.code).toBe(
        'action_token_invalid',
      );
      await nothingHappened();
    },
  );

  it("another credential's and another user's token, with the very answer of one that never was", async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    const others = [
      await fleet.principal(),
      await fleet.principal({ userId: SECOND_DEMO_USER.id }),
      { ...principal, kind: 'oauth' as const },
    ];
    const never = await fail(instance, principal, APPROVE, commit(ETH, { action_token: `tc_act_${'A'.repeat(43)}` }));
    for (const other of others) {
      const { error } = await fail(instance, other, APPROVE, commit(ETH, { action_token: token }));
      expect([error.code, error.detail, error.data]).toEqual([never.error.code, never.error.detail, never.error.data]);
    }
    await nothingHappened();
  });

  it('an expired token, by the clock of the database', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    await fleet.rows(`UPDATE action_tokens SET expires_at = now()`);
    const { error } = await fail(instance, principal, APPROVE, commit(ETH, { action_token: token }));
    expect(error.code).toBe('action_token_expired');
    await nothingHappened();
  });

  it('a token that expires between the first look and the spending', async () => {
    const late = fleet.instance({
      reach: async (point) => {
        if (point === 'before_tx1') await fleet.rows(`UPDATE action_tokens SET expires_at = clock_timestamp()`);
      },
    });
    const token = await tokenFor(late, principal, APPROVE, ETH);
    expect((await fail(late, principal, APPROVE, commit(ETH, { action_token: token }))).error.code).toBe(
      'action_token_expired',
    );
    await nothingHappened();
  });

  it("another tool's token", async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    const { error } = await fail(instance, principal, CLOSE, commit(BTC, { action_token: token }));
    expect(error.code).toBe('action_token_wrong_tool');
    expect(error.data).toEqual({ tool: APPROVE });
    await nothingHappened();
  });

  it('other arguments', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const other = { position_id: 'pos_2026060402', action_token: token };
    expect((await fail(instance, principal, CLOSE, commit(other))).error.code).toBe('action_token_arguments_changed');
    await nothingHappened();
  });

  it('a token in a dry run', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const { error } = await fail(instance, principal, CLOSE, { ...BTC, action_token: token });
    expect(error.code).toBe('invalid_arguments');
    expect(error.detail).toContain('dry_run=false');
    await nothingHappened();
  });

  it('an unknown trade or position, also of somebody else, or one that does not wait', async () => {
    for (const id of ['nowhere', 'pos_2026060311', 'pos_2026060401', 'sig_2026060403']) {
      expect((await fail(instance, principal, APPROVE, { signal_id: id })).error.code).toBe('pending_trade_not_found');
    }
    for (const id of ['nowhere', 'pos_2026060311', 'sig_2026060402', 'pos_2026060301']) {
      expect((await fail(instance, principal, CLOSE, { position_id: id })).error.code).toBe('position_not_found');
    }
    await nothingHappened();
  });

  it('a token that was used: the error carries what became of it, also after it expired', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    const first = await succeed(instance, principal, APPROVE, commit(ETH, { action_token: token }));
    await fleet.rows(`UPDATE action_tokens SET expires_at = now() - interval '1 hour'`);
    const { error } = await fail(instance, principal, APPROVE, commit(ETH, { action_token: token }));
    expect(error.code).toBe('action_token_used');
    expect(error.detail).toContain('do not repeat it');
    expect(error.data).toMatchObject({ commit: { status: 'succeeded', result: first.committed } });
    expect(fleet.puts()).toHaveLength(1);
  });

  it('a missing scope', async () => {
    const reader = await fleet.principal({ scopes: new Set(['read:positions']) });
    expect((await fail(instance, reader, CLOSE, BTC)).error.code).toBe('insufficient_scope');
    await nothingHappened();
  });

  it('every refusal is recorded as a denial', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    await instance.freeze.freeze(person(principal.userId));
    await fail(instance, principal, APPROVE, commit(ETH, { action_token: token }));
    await instance.audit.drain();
    const rows = await fleet.rows('SELECT outcome, code FROM audit_events ORDER BY id');
    expect(rows).toEqual([
      { outcome: 'ok', code: null },
      // The freeze itself.
      { outcome: 'ok', code: null },
      { outcome: 'denied', code: 'account_frozen' },
    ]);
  });
});

describe('200 concurrent commits of one token on two instances', () => {
  it('send exactly one PUT, and the others learn what became of it', async () => {
    const patient = { upstreamTimeoutMs: 6_000, timing: { previewMs: 6_000 } };
    const instances = [fleet.instance(patient), fleet.instance(patient)];
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const call = () => toolCall(principal, CLOSE, commit(BTC, { action_token: token }));
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => instances[index % 2]!.runner.run(call())),
    );
    const codes = outcomes.map(codeOf);
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    // Also: connections ran out for some, their turn did not come in time, or the first took longer than a call may.
    const harmless = new Set([
      'ok',
      'overloaded',
      'action_token_used',
      'commit_in_progress',
      'database_unavailable',
      'upstream_unavailable',
      'upstream_timeout',
    ]);
    expect(codes.filter((code) => !harmless.has(code))).toEqual([]);
    expect(fleet.puts()).toHaveLength(1);
    expect(fleet.sandbox.control.journal()).toHaveLength(1);
    expect(await fleet.commits()).toMatchObject([{ status: 'succeeded', target_id: BTC.position_id }]);
  });
});
