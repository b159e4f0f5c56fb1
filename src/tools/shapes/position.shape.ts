import { z } from 'zod';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import { candleField, marketTypeField, sideField, strategyField, symbolField, timeField } from './fields.js';
import { fraction, money } from './numbers.js';
import { valueOf } from './rows.js';
import { publicSymbol } from './symbol.js';
import { publicId, text, textOrNull } from './text.js';

export const positionSchema = z.strictObject({
  position_id: z.string(),
  symbol: symbolField,
  market_type: marketTypeField,
  side: sideField,
  status: z.enum(['open', 'closed']),
  entry_price: z.number(),
  current_price: z.number().describe('Last known price; the entry price when none is known.'),
  size_usdt: z.number().describe('Notional size at entry, in USDT.'),
  pnl_pct: z.number().describe('Profit or loss as a fraction of the size: 0.05 is 5 %.'),
  pnl_usdt: z.number().describe('Profit or loss in USDT: unrealized while open, realized once closed.'),
  stop_loss: z.number(),
  take_profit: z.number(),
  strategy_alias: strategyField,
  timeframe: candleField,
  opened_at: timeField('When the position was opened.'),
  closed_at: timeField('When it was closed; absent while it is open.').optional(),
});
export type Position = z.output<typeof positionSchema>;

/** The public shape of a position; `closed_at` is no member at all while it is open. */
export function toPosition(row: WireSignal): Position {
  const { sizeUsdt, pnlPct, pnlUsdt } = valueOf(row);
  return {
    position_id: publicId(row.id),
    symbol: publicSymbol(row.symbol),
    market_type: text(row.marketType),
    side: row.positionType,
    status: row.active ? 'open' : 'closed',
    entry_price: row.price,
    current_price: row.positionCurrentPrice ?? row.price,
    size_usdt: money(sizeUsdt),
    pnl_pct: fraction(pnlPct),
    pnl_usdt: money(pnlUsdt),
    stop_loss: row.stopLoss,
    take_profit: row.takeProfit,
    strategy_alias: textOrNull(row.strategyAlias),
    timeframe: textOrNull(row.timeframe),
    opened_at: text(row.signalCreatedAt),
    ...(row.active ? {} : { closed_at: text(row.updatedAt ?? row.createdAt) }),
  };
}
