import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEMO_USER, DEMO_USERS } from '../../config/demo.js';
import { userData } from '../wire-records.js';
import { demoData } from './demo-data.js';

const DAY_MS = 86_400_000;
const instants = fc.date({
  min: new Date('2026-01-01'),
  max: new Date('2099-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

describe('demo data', () => {
  it('leaves 23 trial days, rounded, at every moment of the day it was made', () => {
    fc.assert(
      fc.property(instants, instants, (day, time) => {
        const now = new Date(`${day.toISOString().slice(0, 10)}${time.toISOString().slice(10)}`);
        const end = demoData(day).get(DEMO_USER.id)?.subscriptions[0]?.nextPaymentDate ?? '';
        expect(Math.round((Date.parse(end) - now.getTime()) / DAY_MS)).toBe(23);
      }),
      { numRuns: 30 },
    );
    const end = demoData(new Date('2026-07-30')).get(DEMO_USER.id)?.subscriptions[0]?.nextPaymentDate ?? '';
    for (const time of ['00:00:00.000', '23:59:59.999']) {
      expect(Math.round((Date.parse(end) - Date.parse(`2026-07-30T${time}Z`)) / DAY_MS)).toBe(23);
    }
  });

  it('charts 365 consecutive days that end today, with values that do not hang on the calendar', () => {
    const values = (now: Date) =>
      demoData(now)
        .get(DEMO_USER.id)
        ?.chart.pnl.map(({ pnl }) => pnl);
    const reference = values(new Date('2026-07-30'));
    fc.assert(
      fc.property(instants, (now) => {
        const days =
          demoData(now)
            .get(DEMO_USER.id)
            ?.chart.pnl.map(({ date }) => Date.parse(date)) ?? [];
        expect(days.at(-1)).toBe(Date.parse(now.toISOString().slice(0, 10)));
        expect(days.every((day, index) => index === 0 || DAY_MS === day - days[index - 1]!)).toBe(true);
        expect(values(now)).toEqual(reference);
      }),
      { numRuns: 20 },
    );
  });

  it('has the shape that replacements are checked against, and a size and profit in every row', () => {
    const data = demoData(new Date('2026-07-30'));
    expect([...data.keys()]).toEqual(DEMO_USERS.map(({ id }) => id));
    for (const user of data.values()) {
      expect(userData.parse(user)).toEqual(user);
      for (const row of [...user.activeSignals, ...user.history, ...user.trades, ...user.tradeHistory]) {
        expect(row.quantity * row.price).toBeGreaterThan(1);
        expect(Math.abs(row.profit)).toBeLessThan(5);
      }
    }
  });
});
