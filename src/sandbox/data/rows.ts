import { profitPercent, round } from '../numbers.js';
import type { SignalRow } from '../wire-records.js';

interface OpenRow {
  id: string;
  symbol: string;
  marketType?: string;
  side: 'long' | 'short';
  price: number;
  quantity: number;
  /** The market's price; its distance from `price` is the profit. */
  current: number;
  takeProfit: number;
  partialTakeProfit: number;
  stopLoss: number;
  alias: string | null;
  timeframe: string | null;
  /** ISO 8601 */
  at: string;
  openSignalId?: string | null;
}

/**
 * An active row of type `open`. `indicators` and `strategyParameters` stand for what must never leave the building:
 * their values are easy to find in an answer that leaks them.
 */
export function openRow(spec: OpenRow): SignalRow {
  return {
    id: spec.id,
    createdAt: spec.at,
    updatedAt: spec.at,
    active: true,
    profit: profitPercent(spec.side, spec.price, spec.current),
    symbol: spec.symbol,
    signalType: 'open',
    marketType: spec.marketType ?? 'crypto',
    strategyAlias: spec.alias,
    timeframe: spec.timeframe,
    positionSide: spec.side === 'long' ? 'buy' : 'sell',
    positionType: spec.side,
    quantity: spec.quantity,
    price: spec.price,
    positionCurrentPrice: spec.current,
    positionCurrentQty: spec.quantity,
    takeProfit: spec.takeProfit,
    partialTakeProfit: spec.partialTakeProfit,
    stopLoss: spec.stopLoss,
    signalCreatedAt: spec.at,
    seen: true,
    openSignalId: spec.openSignalId ?? null,
    indicators: { rsi14: 41.7731, macdHistogram: -0.00931, note: 'INTERNAL-INDICATOR' },
    strategyParameters: { lookback: 137, entryThreshold: 1.9377, note: 'INTERNAL-PARAMETER' },
  };
}

/** The same row after it ended at `closedAt` (ISO 8601) with its profit as it stands. */
export function closedRow(row: SignalRow, closedAt: string): SignalRow {
  return { ...row, active: false, updatedAt: closedAt, positionCurrentQty: 0 };
}

/** An event of a row (an average, a partial close, a close). Readers must leave it out: it is no position. */
export function eventRow(row: SignalRow, type: 'average' | 'partial_close' | 'close', at: string): SignalRow {
  return {
    ...row,
    id: `${row.id}_${type}`,
    createdAt: at,
    updatedAt: at,
    signalType: type,
    positionSide: row.positionSide === 'buy' ? 'sell' : 'buy',
    quantity: type === 'close' ? row.quantity : round(row.quantity / 2, 8),
    price: row.positionCurrentPrice ?? row.price,
    openSignalId: row.openSignalId ?? row.id,
  };
}
