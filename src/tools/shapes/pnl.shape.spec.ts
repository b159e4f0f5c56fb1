import { describe, expect, it } from '@jest/globals';
import { toPnlHistory } from './pnl.shape.js';

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString().slice(0, 10);

describe('toPnlHistory', () => {
  it('of nothing is nothing, with a win rate of 0', () => {
    expect(toPnlHistory({ positions: [], pnl: [] }, '7d')).toStrictEqual({
      timeframe: '7d',
      total_pnl_usdt: 0,
      win_rate: 0,
      trade_count: 0,
      daily: [],
    });
  });

  it('joins the series by date, in whatever order they come, oldest first', () => {
    const chart = {
      positions: [{ date: day(3), count: 2 }],
      pnl: [
        { date: day(2), pnl: -1.005 },
        { date: day(1), pnl: 5.255 },
      ],
    };
    expect(toPnlHistory(chart, '30d')).toStrictEqual({
      timeframe: '30d',
      total_pnl_usdt: 4.26,
      win_rate: 0.333,
      trade_count: 2,
      daily: [
        { date: day(1), pnl_usdt: 5.26, trade_count: 0 },
        { date: day(2), pnl_usdt: -1, trade_count: 0 },
        { date: day(3), pnl_usdt: 0, trade_count: 2 },
      ],
    });
  });

  it.each([
    ['7d', 7],
    ['30d', 30],
    ['90d', 90],
    ['365d', 365],
  ] as const)('%s is the last %d days', (timeframe, days) => {
    const pnl = Array.from({ length: 400 }, (_, index) => ({ date: day(index + 1), pnl: 1 }));
    const { daily, total_pnl_usdt } = toPnlHistory({ positions: [], pnl }, timeframe);
    expect(daily).toHaveLength(days);
    expect(daily.at(-1)?.date).toBe(day(400));
    expect(total_pnl_usdt).toBe(days);
  });

  it('counts a day that rounds to zero as not won', () => {
    expect(toPnlHistory({ positions: [], pnl: [{ date: day(1), pnl: 0.004 }] }, '7d').win_rate).toBe(0);
  });
});
