import { z } from 'zod';
import { symbols } from '../completions/symbol.completer.js';
import { symbolFilter } from '../shapes/symbol.js';
import { definePrompt } from './prompt.js';
import { RULES } from './rules.js';

export const dailyBrief = definePrompt({
  name: 'daily_brief',
  title: 'Daily brief',
  description: 'How the account stands today: open positions, the last days, live signals, and what needs attention.',
  scopes: ['read:account', 'read:positions', 'read:signals'],
  input: z.strictObject({
    symbol: symbolFilter
      .optional()
      .describe('Only signals of this trading pair, e.g. BTC-USDT. All pairs when left out.'),
  }),
  completers: { symbol: symbols },
  text: ({ symbol }) => `Give me a brief of my TradeCafe account as it stands now.

1. get_account_summary: mention only what needs attention, such as an exchange that is not active or a trial that ends soon.
2. get_positions with status="open": how many there are, their result together, the best and the worst; say so if one is close to its stop-loss or its take-profit.
3. get_pnl_history with timeframe="7d": the last full day, and the seven days together.
4. get_recent_signals${symbol === undefined ? '' : ` with symbol="${symbol}"`}: what is live, newest first, in one line each.

Answer in at most 200 words: first the one thing that matters most today, then the numbers.

${RULES}`,
});
