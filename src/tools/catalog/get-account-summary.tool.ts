import { z } from 'zod';
import { accountSummarySchema, toAccountSummary } from '../shapes/account.shape.js';
import { defineTool, READ_ONLY } from '../tool.js';

export const getAccountSummary = defineTool({
  name: 'get_account_summary',
  title: 'Account summary',
  description:
    "The user's TradeCafe account: name and email, tier, subscription status, connected exchanges and whether each is active, " +
    'referral code, and the days left of a free trial. Contains no balances. Reads only.',
  scope: 'read:account',
  annotations: READ_ONLY,
  input: z.strictObject({}),
  output: accountSummarySchema,
  async handler(_args, { upstream }) {
    const [user, access, subscriptions, exchanges] = await Promise.all([
      upstream.user(),
      upstream.access(),
      upstream.subscriptions(),
      upstream.exchanges(),
    ]);
    return toAccountSummary({ user, access, subscriptions, exchanges }, Date.now());
  },
});
