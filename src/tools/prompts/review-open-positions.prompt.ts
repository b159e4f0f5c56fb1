import { z } from 'zod';
import { sides } from '../completions/fixed.completers.js';
import { symbols } from '../completions/symbol.completer.js';
import { sideField } from '../shapes/fields.js';
import { symbolFilter } from '../shapes/symbol.js';
import { definePrompt } from './prompt.js';
import { RULES } from './rules.js';

export const reviewOpenPositions = definePrompt({
  name: 'review_open_positions',
  title: 'Review open positions',
  description:
    'Goes through the open positions one by one: result, distance to stop-loss and take-profit, the signal behind.',
  scopes: ['read:positions', 'read:signals'],
  input: z.strictObject({
    symbol: symbolFilter
      .optional()
      .describe('Only positions in this trading pair, e.g. BTC-USDT. All pairs when left out.'),
    side: sideField.optional().describe('Only this side: long or short. Both when left out.'),
  }),
  completers: { symbol: symbols, side: sides },
  text: ({
    symbol,
    side,
  }) => `Review my open TradeCafe positions${symbol === undefined ? '' : ` in ${symbol}`}${side === undefined ? '' : `, the ${side} ones only`}.

1. get_positions with status="open" (limit=200 if there are many).
2. get_recent_signals: which of the positions a live signal speaks for or against (same pair; same or other side).

For each position, worst result first: pair and side, size, result in USDT and percent, how far the current price is from the stop-loss and from the take-profit in percent of the price, how long it has been open. Then, for all together: the sum of sizes and results, and whether they lean on one pair or one side.

Say what I could look at, and why. Whether to close anything is my decision.

${RULES}`,
});
