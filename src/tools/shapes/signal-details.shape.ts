import { z } from 'zod';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import { fraction, money } from './numbers.js';
import { valueOf } from './rows.js';
import { signalSchema, toSignal } from './signal.shape.js';

export const signalDetailsSchema = z.strictObject({
  ...signalSchema.shape,
  realized_pnl_usdt: z.number().nullable().describe('Realized profit or loss in USDT; null while the signal is live.'),
  realized_pnl_pct: z
    .number()
    .nullable()
    .describe('The same as a fraction: 0.05 is 5 %; null while the signal is live.'),
});
export type SignalDetails = z.output<typeof signalDetailsSchema>;

/** The public shape of one signal, with what it realized once it has ended. */
export function toSignalDetails(row: WireSignal): SignalDetails {
  const { pnlPct, pnlUsdt } = valueOf(row);
  return {
    ...toSignal(row),
    realized_pnl_usdt: row.active ? null : money(pnlUsdt),
    realized_pnl_pct: row.active ? null : fraction(pnlPct),
  };
}
