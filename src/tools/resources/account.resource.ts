import { getAccountSummary } from '../catalog/get-account-summary.tool.js';
import { defineResource } from './resource.js';

export const account = defineResource({
  uri: 'tradecafe://account',
  name: 'account',
  title: 'Account',
  description:
    "The user's TradeCafe account as get_account_summary returns it: tier, subscription status, connected exchanges.",
  tool: getAccountSummary,
  args: {},
  freshForMs: 60_000,
  live: false,
});
