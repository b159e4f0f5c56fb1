import { z } from 'zod';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import { sideField, strategyField, symbolField, timeField } from './fields.js';
import { fraction, money } from './numbers.js';
import { valueOf } from './rows.js';
import { publicSymbol } from './symbol.js';
import { publicId, textOrNull } from './text.js';

export const closePreviewSchema = z.strictObject({
  position_id: z.string(),
  symbol: symbolField,
  side: sideField,
  current_price: z.number().describe('Last known price; the entry price when none is known.'),
  expected_realized_pnl_usdt: z.number().describe('Profit or loss in USDT if it closed at the current price.'),
  expected_realized_pnl_pct: z.number().describe('The same as a fraction of the size: 0.05 is 5 %.'),
  strategy_alias: strategyField,
});

export const closeResultSchema = z.strictObject({
  position_id: z.string(),
  symbol: symbolField,
  side: sideField,
  closed_at: timeField('When the close was submitted.'),
});

/** What closing this row at market would realize. */
export function toClosePreview(row: WireSignal): z.output<typeof closePreviewSchema> {
  const { pnlPct, pnlUsdt } = valueOf(row);
  return {
    position_id: publicId(row.id),
    symbol: publicSymbol(row.symbol),
    side: row.positionType,
    current_price: row.positionCurrentPrice ?? row.price,
    expected_realized_pnl_usdt: money(pnlUsdt),
    expected_realized_pnl_pct: fraction(pnlPct),
    strategy_alias: textOrNull(row.strategyAlias),
  };
}
