import { z } from 'zod';
import { pnlHistorySchema, timeframeField, toPnlHistory } from '../shapes/pnl.shape.js';
import { defineTool, READ_ONLY } from '../tool.js';

export const getPnlHistory = defineTool({
  name: 'get_pnl_history',
  title: 'Profit and loss by day',
  description:
    "The user's profit and loss in USDT day by day, oldest first, with the total, the number of trades opened, and the " +
    'share of days above zero. Covers the newest days that there is data for. Reads only.',
  scope: 'read:positions',
  annotations: READ_ONLY,
  input: z.strictObject({
    timeframe: timeframeField.default('30d').describe('How many days to look back.'),
  }),
  output: pnlHistorySchema,
  async handler({ timeframe }, { upstream }) {
    return toPnlHistory(await upstream.chart(), timeframe);
  },
});
