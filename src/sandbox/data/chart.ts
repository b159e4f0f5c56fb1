import { round, utcDate } from '../numbers.js';
import type { Chart } from '../wire-records.js';
import { seededRandom } from './seeded-random.js';

const DAYS = 365;

/**
 * The last 365 days up to today, oldest first. The values hang on the place in the year, not on the calendar: whoever
 * starts the sandbox, and when, sees the same year.
 */
export function yearChart(seed: number, today: Date): Chart {
  const chart: Chart = { positions: [], pnl: [] };
  for (let index = 0; index < DAYS; index += 1) {
    const date = utcDate(today, index - DAYS + 1);
    const count = Math.floor(seededRandom(seed, index) * 9);
    const perTrade = (seededRandom(seed, index, 1) - 0.42) * 6.5;
    chart.positions.push({ date, count });
    chart.pnl.push({ date, pnl: round(count * perTrade, 2) });
  }
  return chart;
}
