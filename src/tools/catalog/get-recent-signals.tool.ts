import { z } from 'zod';
import { isSignal } from '../shapes/rows.js';
import { signalSchema, toSignal } from '../shapes/signal.shape.js';
import { symbolFilter, wireSymbol } from '../shapes/symbol.js';
import { defineTool, READ_ONLY } from '../tool.js';

export const getRecentSignals = defineTool({
  name: 'get_recent_signals',
  title: 'Recent signals',
  description:
    'TradeCafe trading signals: pair, side, entry, take-profit and stop-loss prices, strategy name, candle horizon, status. ' +
    'By default only the live ones; include_history=true adds ended ones from the newest page of the history, after the ' +
    'live ones. Symbol and side narrow the result down. Indicators and strategy parameters are not available. Reads only.',
  scope: 'read:signals',
  annotations: READ_ONLY,
  input: z.strictObject({
    symbol: symbolFilter
      .optional()
      .describe('Only this trading pair, e.g. BTC-USDT or BTCUSDT. All pairs when left out.'),
    side: z.enum(['long', 'short']).optional().describe('Only this side. Both when left out.'),
    limit: z.int().min(1).max(100).default(20).describe('At most this many signals.'),
    include_history: z.boolean().default(false).describe('Also return signals that have ended.'),
  }),
  output: z.strictObject({ signals: z.array(signalSchema) }),
  async handler({ symbol, side, limit, include_history }, { upstream }) {
    const wanted = symbol === undefined ? undefined : wireSymbol(symbol);
    const [live, history] = await Promise.all([
      upstream.activeSignals(),
      include_history ? upstream.signalHistory({ page: 1, limit, symbol: wanted }) : undefined,
    ]);
    const signals = [...live, ...(history?.items ?? [])].filter(
      (row) =>
        isSignal(row) &&
        (wanted === undefined || row.symbol === wanted) &&
        (side === undefined || row.positionType === side),
    );
    return { signals: signals.slice(0, limit).map(toSignal) };
  },
});
