import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import type { Principal } from '../../src/auth/principal.js';
import { toolByName } from '../../src/tools/registry.js';
import { BTC, ETH, fail, Fleet, type Instance, succeed, tokenFor } from './support/fleet.js';

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

describe('preview, then commit', () => {
  it('approves to the letter of the published example, its two halves on two instances', async () => {
    const preview = await succeed(instance, principal, APPROVE, ETH);
    expect(preview).toEqual({
      dry_run: true,
      preview: {
        signal_id: 'sig_2026060402',
        symbol: 'ETH-USDT',
        side: 'long',
        entry: 3421.8,
        size_usdt: 100,
        stop_loss: 3407,
        take_profit: 3438,
        strategy_alias: 'Trend Reversion v3',
        timeframe: '1h',
      },
      action_token: expect.stringMatching(/^tc_act_/),
      committed: null,
    });
    toolByName(APPROVE)!.output.parse(preview);
    const answer = await succeed(fleet.instance(), principal, APPROVE, commit(ETH, preview.action_token as string));
    expect(answer).toEqual({
      dry_run: false,
      preview: preview.preview,
      committed: {
        signal_id: 'sig_2026060402',
        symbol: 'ETH-USDT',
        side: 'long',
        approved_at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
    toolByName(APPROVE)!.output.parse(answer);
    const [entry] = await fleet.commits();
    expect(fleet.sandbox.control.journal()).toMatchObject([
      { action: 'approve', id: 'sig_2026060402', idempotency_key: entry!.idempotency_key },
    ]);
  });

  it('closes the open row, also when it is named by its openSignalId', async () => {
    const byGroup = { position_id: 'sig_2026060401' };
    const preview = await succeed(instance, principal, CLOSE, byGroup);
    expect(preview.preview).toMatchObject({ position_id: 'pos_2026060401', symbol: 'BTC-USDT', side: 'long' });
    const answer = await succeed(instance, principal, CLOSE, commit(byGroup, preview.action_token as string));
    expect(answer.committed).toMatchObject({ position_id: 'pos_2026060401', symbol: 'BTC-USDT' });
    toolByName(CLOSE)!.output.parse(answer);
    expect(fleet.puts()).toMatchObject([{ path: '/trade/close/pos_2026060401', applied: true }]);
  });

  it('writes the intent before the PUT and the outcome after it, and nothing else', async () => {
    let before: unknown[] = [];
    const watched = fleet.instance({
      reach: async (point) => {
        if (point === 'before_put') before = await fleet.rows('SELECT outcome FROM audit_events ORDER BY id');
      },
    });
    const token = await tokenFor(watched, principal, CLOSE, BTC);
    await watched.audit.drain();
    await succeed(watched, principal, CLOSE, commit(BTC, token));
    await watched.audit.drain();
    expect(before).toEqual([{ outcome: 'ok' }, { outcome: 'intent' }]);
    const rows = await fleet.rows<{ outcome: string; arguments: Record<string, unknown> }>(
      'SELECT outcome, arguments FROM audit_events ORDER BY id',
    );
    expect(rows.map((row) => row.outcome)).toEqual(['ok', 'intent', 'ok']);
    const [row] = await fleet.commits();
    for (const { arguments: args } of rows.slice(1)) {
      expect(args).toEqual({ ...BTC, dry_run: false, action_token: '[redacted]', commit_id: row!.id });
    }
  });

  it('keeps neither the token nor its hash where it leaves the house', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    await succeed(instance, principal, CLOSE, commit(BTC, token));
    const dump = JSON.stringify([await fleet.commits(), await fleet.rows('SELECT * FROM audit_events'), fleet.puts()]);
    expect(dump).not.toContain(token);
    expect(dump).not.toContain(token.slice('tc_act_'.length));
  });
});

describe('the budget of a commit', () => {
  it('is two round trips to the database before the PUT and one after it', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    let trips = 0;
    let unanswered = 0;
    // A round trip begins with a statement that is sent while nothing is waited for.
    const { value: query } = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query') as {
      value: (...args: unknown[]) => Promise<unknown> | undefined;
    };
    const queries = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...args: unknown[]
    ) {
      if (unanswered === 0) trips += 1;
      unanswered += 1;
      const answer = query.apply(this, args);
      const answered = (): void => void (unanswered -= 1);
      // Whoever is told by a callback sends one statement at a time.
      Promise.resolve(answer).then(answered, answered);
      return answer as never;
    });
    let before = 0;
    const counted = fleet.instance({
      upstreamTimeoutMs: 6_000,
      timing: { previewMs: 6_000 },
      reach: (point) => void (point === 'before_put' && (before = trips)),
    });
    try {
      await counted.prisma.ping();
      // The preview's audit row is written in its own time: not in the middle of the count.
      await instance.audit.drain();
      trips = 0;
      await succeed(counted, principal, CLOSE, commit(BTC, token));
      // The look at the token; locks, ledger and COMMIT together; then the end.
      expect([before, trips - before]).toEqual([2, 1]);
    } finally {
      queries.mockRestore();
    }
  });
});

describe('a preview that no longer holds', () => {
  it('an approval is refused past the tolerance, with a new preview and a token that works; the old one is superseded', async () => {
    const old = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.price('ETHUSDT', 3421.8 * 1.02);
    const { error } = await fail(instance, principal, APPROVE, commit(ETH, old));
    expect(error.code).toBe('preview_changed');
    expect(error.data.preview).toMatchObject({ entry: 3421.8 * 1.02 });
    expect(fleet.puts()).toEqual([]);
    expect((await fail(instance, principal, APPROVE, commit(ETH, old))).error.code).toBe('action_token_superseded');
    await succeed(instance, principal, APPROVE, commit(ETH, error.data.action_token as string));
  });

  it('two commits that find it changed at once leave one living token', async () => {
    const old = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.price('ETHUSDT', 3300);
    const codes = await Promise.all(
      [1, 2, 3].map(async () => (await fail(instance, principal, APPROVE, commit(ETH, old))).error.code),
    );
    expect(codes.sort()).toEqual(['action_token_superseded', 'action_token_superseded', 'preview_changed']);
    expect(await fleet.rows('SELECT 1 FROM action_tokens WHERE superseded_at IS NULL')).toHaveLength(1);
  });

  it('an approval within the tolerance goes through', async () => {
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    fleet.sandbox.control.price('ETHUSDT', 3421.8 * 1.009);
    await succeed(instance, principal, APPROVE, commit(ETH, token));
  });

  it.each(['quantity', 'positionType', 'symbol'] as const)(
    'an approval is refused when its %s changed',
    async (field) => {
      const token = await tokenFor(instance, principal, APPROVE, ETH);
      const { trades } = fleet.sandbox.control.data(principal.userId)!;
      const row = trades.find(({ id }) => id === ETH.signal_id)!;
      Object.assign(
        row,
        { quantity: { quantity: 0.03 }, positionType: { positionType: 'short' }, symbol: { symbol: 'ETCUSDT' } }[field],
      );
      fleet.sandbox.control.replaceData(principal.userId, { trades });
      expect((await fail(instance, principal, APPROVE, commit(ETH, token))).error.code).toBe('preview_changed');
      expect(fleet.puts()).toEqual([]);
    },
  );

  it('a close goes through however the price moved, and says so', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    fleet.sandbox.control.price('BTCUSDT', 50_000);
    const answer = await succeed(instance, principal, CLOSE, commit(BTC, token));
    expect(answer.preview).toMatchObject({ current_price: 50_000 });
  });

  it('a close is refused when the quantity changed', async () => {
    const token = await tokenFor(instance, principal, CLOSE, BTC);
    const { trades } = fleet.sandbox.control.data(principal.userId)!;
    trades.find(({ id }) => id === BTC.position_id)!.quantity *= 2;
    fleet.sandbox.control.replaceData(principal.userId, { trades });
    expect((await fail(instance, principal, CLOSE, commit(BTC, token))).error.code).toBe('preview_changed');
  });
});

describe("pwa-be's own no", () => {
  it('is told with its reason, made fit for a model, and burns the token', async () => {
    fleet.sandbox.control.settings({ drawdown_pct: 40 });
    const token = await tokenFor(instance, principal, APPROVE, ETH);
    const { error } = await fail(instance, principal, APPROVE, commit(ETH, token));
    expect(error.code).toBe('commit_refused');
    expect(error.detail).toContain('circuit breaker');
    const again = await fail(instance, principal, APPROVE, commit(ETH, token));
    expect(again.error.code).toBe('action_token_used');
    expect(again.error.data).toMatchObject({ commit: { status: 'refused' } });
    expect(fleet.sandbox.control.journal()).toEqual([]);
    expect(fleet.puts()).toHaveLength(1);
  });
});
