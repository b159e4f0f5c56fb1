import { round } from '../numbers.js';
import type { SignalRow } from '../wire-records.js';
import { closedRow, eventRow, openRow } from './rows.js';
import { seededRandom } from './seeded-random.js';

const HOUR_MS = 3_600_000;

/** Symbol, market, price around which it moves, decimals of its price. Every quote of the field, and one without. */
const INSTRUMENTS = [
  ['BTCUSDT', 'crypto', 66_800, 1],
  ['ETHUSDT', 'crypto', 3_380, 2],
  ['SOLUSDT', 'crypto', 151, 2],
  ['ENJUSDT', 'crypto', 0.05, 5],
  ['BTCUSDC', 'crypto', 66_790, 1],
  ['BNBBUSD', 'crypto', 604, 2],
  ['EURUSD', 'forex', 1.083, 5],
  ['XAUUSD', 'commodities', 2_348, 2],
  ['AAPL', 'stocks', 194.6, 2],
] as const;
const STRATEGIES = ['Trend Reversion v3', 'Mean Reversion v2', 'Trend Continuation v4', null] as const;
const TIMEFRAMES = ['15m', '1h', '4h', '1d', null] as const;

interface Plan {
  /** What the ids start with. */
  prefix: string;
  seed: number;
  /** Rows of type `open`; every third brings an event row, so that the answer holds more. */
  count: number;
  /** ISO 8601; everything generated ended before. */
  before: string;
}

/** Ended signals or positions, newest first, the same for the same plan. */
export function generatedHistory(plan: Plan): SignalRow[] {
  const rows: SignalRow[] = [];
  for (let index = 0; index < plan.count; index += 1) {
    const endedAt = Date.parse(plan.before) - (index + 1) * 5 * HOUR_MS;
    const row = endedRow(plan, index, new Date(endedAt - 3 * HOUR_MS), new Date(endedAt));
    if (index % 3 === 0)
      rows.push(eventRow(row, index % 2 === 0 ? 'close' : 'partial_close', row.updatedAt ?? row.createdAt));
    rows.push(row);
  }
  return rows;
}

function endedRow(plan: Plan, index: number, openedAt: Date, endedAt: Date): SignalRow {
  const random = (stream: number) => seededRandom(plan.seed, index, stream);
  const pick = <T>(list: readonly T[], stream: number): T => list[Math.floor(random(stream) * list.length)]!;
  const [symbol, marketType, around, decimals] = pick(INSTRUMENTS, 0);
  const side = random(1) < 0.6 ? 'long' : 'short';
  const price = round(around * (0.97 + random(2) * 0.06), decimals);
  const at = (fraction: number) => round(price * (side === 'long' ? 1 + fraction : 1 - fraction), decimals);
  const row = openRow({
    id: `${plan.prefix}${String(plan.count - index).padStart(4, '0')}`,
    symbol,
    marketType,
    side,
    price,
    quantity: round((60 + random(3) * 340) / price, 6),
    // Every seventh never filled: it ended where it began.
    current: index % 7 === 6 ? price : at((random(4) - 0.4) * 0.03),
    takeProfit: at(0.012),
    partialTakeProfit: index % 4 === 1 ? 0 : at(0.006),
    stopLoss: at(-0.008),
    alias: pick(STRATEGIES, 5),
    timeframe: pick(TIMEFRAMES, 6),
    at: openedAt.toISOString(),
  });
  return closedRow(row, endedAt.toISOString());
}
