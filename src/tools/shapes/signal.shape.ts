import { z } from 'zod';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import { candleField, marketTypeField, sideField, strategyField, symbolField, timeField } from './fields.js';
import { publicSymbol } from './symbol.js';
import { publicId, text, textOrNull } from './text.js';

export const signalSchema = z.strictObject({
  signal_id: z.string(),
  symbol: symbolField,
  market_type: marketTypeField,
  side: sideField,
  entry: z.number().describe('Entry price.'),
  take_profit: z
    .array(z.number())
    .describe('Take-profit prices, the main one first; levels that are not set are left out.'),
  stop_loss: z.number().describe('Stop-loss price.'),
  strategy_alias: strategyField,
  timeframe: candleField,
  fired_at: timeField('When the signal was fired.'),
  status: z
    .enum(['live', 'filled', 'expired', 'cancelled'])
    .describe('live while active; afterwards filled if it ended with a profit or a loss, else expired.'),
});
export type Signal = z.output<typeof signalSchema>;

/** The public shape of a signal. */
export function toSignal(row: WireSignal): Signal {
  return {
    signal_id: publicId(row.id),
    symbol: publicSymbol(row.symbol),
    market_type: text(row.marketType),
    side: row.positionType,
    entry: row.price,
    take_profit: [row.takeProfit, row.partialTakeProfit].filter((price) => price > 0),
    stop_loss: row.stopLoss,
    strategy_alias: textOrNull(row.strategyAlias),
    timeframe: textOrNull(row.timeframe),
    fired_at: text(row.signalCreatedAt),
    status: statusOf(row),
  };
}

/** pwa-be has no status of its own: an ended signal without profit or loss never became a trade. */
function statusOf(row: WireSignal): Signal['status'] {
  if (row.active) return 'live';
  return row.profit === 0 ? 'expired' : 'filled';
}
