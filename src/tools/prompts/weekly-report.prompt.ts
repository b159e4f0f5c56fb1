import { z } from 'zod';
import { definePrompt } from './prompt.js';
import { RULES } from './rules.js';

const LONGER = ['30d', '90d', '365d'] as const;

export const weeklyReport = definePrompt({
  name: 'weekly_report',
  title: 'Weekly report',
  description: 'The last seven days day by day, set against a longer time: result, winning days, trades closed.',
  scopes: ['read:positions'],
  input: z.strictObject({
    compare_with: z
      .enum(LONGER)
      .default('30d')
      .describe('The longer time to compare the week with: 30d, 90d or 365d. 30d when left out.'),
  }),
  completers: { compare_with: { values: LONGER } },
  text: ({ compare_with }) => `Write a report of my last week at TradeCafe.

1. get_pnl_history with timeframe="7d": the days, their total, the share of days above zero.
2. get_pnl_history with timeframe="${compare_with}": the same for the longer time, to compare the week's average day with.
3. get_positions with status="closed": those closed within these seven days, the best and the worst with pair, side and result. The list is the newest page of the history: if it does not reach back seven days, say so.
4. get_positions with status="open": what is carried into the new week.

Answer with a table of the seven days (date, result, trades opened), then three or four sentences: how the week went, how it compares, what stood out. A day that TradeCafe has no data for is not a day with zero.

${RULES}`,
});
