import { z } from 'zod';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import { candleField, sideField, strategyField, symbolField, timeField } from './fields.js';
import { money } from './numbers.js';
import { valueOf } from './rows.js';
import { publicSymbol } from './symbol.js';
import { publicId, textOrNull } from './text.js';

export const approvalPreviewSchema = z.strictObject({
  signal_id: z.string(),
  symbol: symbolField,
  side: sideField,
  entry: z.number().describe('Price at which the position would be opened.'),
  size_usdt: z.number().describe('Size of the position in USDT.'),
  stop_loss: z.number(),
  take_profit: z.number(),
  strategy_alias: strategyField,
  timeframe: candleField,
});

export const approvalResultSchema = z.strictObject({
  signal_id: z.string(),
  symbol: symbolField,
  side: sideField,
  approved_at: timeField('When it was approved.'),
});

/** The position that the bot would open if this row were approved. */
export function toApprovalPreview(row: WireSignal): z.output<typeof approvalPreviewSchema> {
  return {
    signal_id: publicId(row.id),
    symbol: publicSymbol(row.symbol),
    side: row.positionType,
    entry: row.price,
    size_usdt: money(valueOf(row).sizeUsdt),
    stop_loss: row.stopLoss,
    take_profit: row.takeProfit,
    strategy_alias: textOrNull(row.strategyAlias),
    timeframe: textOrNull(row.timeframe),
  };
}
