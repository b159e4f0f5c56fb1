import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import type { TradeFacts } from '../../safety/write-operation.js';
import { money, multiply } from './numbers.js';
import { text } from './text.js';

/** Whether a row is a signal at all: averages, partial closes and closes are events of one. */
export function isSignal(row: WireSignal): boolean {
  return row.signalType === 'open';
}

/** Whether a row is a position: a signal that no longer waits for its owner's approval. */
export function isPosition(row: WireSignal): boolean {
  return isSignal(row) && row.pending !== true;
}

/** Size in USDT and profit or loss of a row, unrounded. */
export function valueOf(row: WireSignal): { sizeUsdt: number; pnlPct: number; pnlUsdt: number } {
  const sizeUsdt = multiply(row.quantity, row.price);
  const pnlPct = row.profit / 100;
  return { sizeUsdt, pnlPct, pnlUsdt: multiply(sizeUsdt, pnlPct) };
}

/**
 * What a write is bound to. The id stays as pwa-be has it: the PUT names it.
 * @param price the one that counts for the operation
 */
export function tradeFacts(row: WireSignal, price: number): TradeFacts {
  const { id, positionType: side, quantity, pending } = row;
  return {
    id,
    symbol: text(row.symbol),
    side,
    quantity,
    price,
    sizeUsdt: money(valueOf(row).sizeUsdt),
    pending: pending ?? null,
  };
}
