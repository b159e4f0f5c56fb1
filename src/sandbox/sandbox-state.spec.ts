import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEMO_USER, SECOND_DEMO_USER } from '../config/demo.js';
import { isOpenPosition } from './risk-engine.js';
import { SandboxState } from './sandbox-state.js';

const write = fc.record({
  user: fc.constantFrom(DEMO_USER.id, SECOND_DEMO_USER.id),
  action: fc.constantFrom('approve', 'close'),
  id: fc.constantFrom('sig_2026060402', 'pos_2026060401', 'pos_2026060402', 'pos_2026060311', 'pos_2026060211', 'none'),
  key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function snapshot(state: SandboxState) {
  return state.users.map(({ data }) => ({
    user: data.profile.id,
    rows: [...data.trades, ...data.tradeHistory].map(({ id }) => id).toSorted(),
    open: data.trades.filter(isOpenPosition).length,
    pnl: sum(data.chart.pnl.map(({ pnl }) => pnl)),
    opened: sum(data.chart.positions.map(({ count }) => count)),
  }));
}

describe('SandboxState', () => {
  it.each([true, false])('keeps its books whatever is written (dedupe %s)', (dedupe) => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 25 }), (writes) => {
        const risk = { maxOpenPositions: 5, drawdownPct: 0, circuitBreakerPct: 30 };
        const state = new SandboxState({ dedupe, sendPending: true, risk }, () => new Date('2026-07-30T12:00:00Z'));
        const before = snapshot(state);
        const applied = writes.filter((each) => state.write(each).applied);
        const journal = state.journal.entries;

        expect(journal.map(({ user, action, id }) => [user, action, id])).toEqual(
          applied.map(({ user, action, id }) => [user, action, id]),
        );
        // No trade is approved or closed twice, and no key has two effects.
        expect(new Set(journal.map(({ user, action, id }) => `${user} ${action} ${id}`)).size).toBe(journal.length);
        const keyed = journal.filter((entry) => entry.idempotency_key !== null);
        if (dedupe)
          expect(new Set(keyed.map((entry) => `${entry.user} ${entry.idempotency_key}`)).size).toBe(keyed.length);

        snapshot(state).forEach((after, index) => {
          const own = journal.filter(({ user }) => user === after.user);
          const approvals = own.filter(({ action }) => action === 'approve').length;
          const closes = own.filter(({ action }) => action === 'close');
          expect(after.rows).toEqual(before[index]?.rows);
          expect(after.open).toBe((before[index]?.open ?? NaN) + approvals - closes.length);
          expect(after.opened).toBe((before[index]?.opened ?? NaN) + approvals);
          const history = state.account(after.user)?.data.tradeHistory ?? [];
          const closed = history.filter(
            ({ id, signalType }) => signalType === 'open' && closes.some((each) => each.id === id),
          );
          const realized = sum(closed.map((row) => (row.quantity * row.price * row.profit) / 100));
          expect(Math.abs(after.pnl - (before[index]?.pnl ?? NaN) - realized)).toBeLessThan(
            0.005 * (closes.length + 1),
          );
        });
      }),
      { numRuns: 50 },
    );
  });
});
