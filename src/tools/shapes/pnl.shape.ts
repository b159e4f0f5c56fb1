import { z } from 'zod';
import type { WireChart } from '../../pwa-be/pwa-be.types.js';
import { money, round, sum } from './numbers.js';
import { text } from './text.js';

/** The windows that can be asked for, in days. */
const DAYS = { '7d': 7, '30d': 30, '90d': 90, '365d': 365 } as const;

export const timeframeField = z.enum(['7d', '30d', '90d', '365d']);
export type Timeframe = z.output<typeof timeframeField>;

export const pnlHistorySchema = z.strictObject({
  timeframe: timeframeField,
  total_pnl_usdt: z.number().describe('Sum of the days below, in USDT.'),
  win_rate: z.number().describe('Share of the days below that ended above zero, 0 to 1. It counts days, not trades.'),
  trade_count: z.number().describe('Trades opened on the days below.'),
  daily: z
    .array(
      z.strictObject({
        date: z.string().describe('YYYY-MM-DD.'),
        pnl_usdt: z.number(),
        trade_count: z.number().describe('Trades opened on this day.'),
      }),
    )
    .describe('One entry a day that TradeCafe has data for, oldest first.'),
});
export type PnlHistory = z.output<typeof pnlHistorySchema>;

/** Joins pwa-be's two series by date and sums up the last days of them. */
export function toPnlHistory(chart: WireChart, timeframe: Timeframe): PnlHistory {
  const daily = joinByDate(chart).slice(-DAYS[timeframe]);
  const winning = daily.filter((day) => day.pnl_usdt > 0).length;
  return {
    timeframe,
    total_pnl_usdt: money(sum(daily.map((day) => day.pnl_usdt))),
    win_rate: daily.length === 0 ? 0 : round(winning / daily.length, 3),
    trade_count: sum(daily.map((day) => day.trade_count)),
    daily,
  };
}

/** A date may stand in one series only; of a date that stands twice in one, the last counts. */
function joinByDate({ pnl, positions }: WireChart): PnlHistory['daily'] {
  const pnlByDate = new Map(pnl.map((point) => [point.date, point.pnl]));
  const countByDate = new Map(positions.map((point) => [point.date, point.count]));
  const dates = [...new Set([...pnlByDate.keys(), ...countByDate.keys()])].sort();
  return dates.map((date) => ({
    date: text(date),
    pnl_usdt: money(pnlByDate.get(date) ?? 0),
    trade_count: countByDate.get(date) ?? 0,
  }));
}
