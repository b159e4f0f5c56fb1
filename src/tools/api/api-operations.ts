import { z } from 'zod';
import { AppError } from '../../errors/app-error.js';
import { symbolFilter, wireSymbol } from '../shapes/symbol.js';
import { publicId } from '../shapes/text.js';
import { type ApiRead, apiRead, type ApiReadContext, type ApiWrite } from './api-operation.js';
import {
  apiAccess,
  apiChart,
  apiExchange,
  apiReferralStats,
  apiSignal,
  apiSignalPage,
  apiStake,
  apiSubscription,
  apiUser,
  apiUserCode,
} from './api-projection.js';

const nothing = z.strictObject({});
const id = z.string().min(1).max(200);
const page = {
  page: z.int().min(1).max(100_000).default(1),
  limit: z.int().min(1).max(200).default(50),
};

/** THE list of pwa-be's paths that this service answers to read. What is not in it does not exist. */
export const API_READS: readonly ApiRead[] = [
  // Today's pwa-be has no such path: clients with an opaque token learn here who they are.
  apiRead({
    path: '/user/me',
    scopes: ['read:account', 'read:referrals'],
    input: nothing,
    read: (_, own) => user(own),
  }),
  apiRead({
    path: '/user/:id',
    scopes: ['read:account', 'read:referrals'],
    input: z.strictObject({ id }),
    async read(args, own) {
      const { userId } = own.principal;
      if (args.id !== userId && args.id !== publicId(userId)) throw new AppError('not_found');
      return user(own);
    },
  }),
  // The client swallows a 403 here and would show a tier and a subscription that are not the user's.
  apiRead({
    path: '/terminal/access',
    scopes: ['read:billing', 'read:account'],
    input: nothing,
    read: async (_, { upstream }) => apiAccess(await upstream.access()),
  }),
  apiRead({
    path: '/subscription/user',
    scopes: ['read:billing', 'read:account'],
    input: nothing,
    read: async (_, { upstream }) => (await upstream.subscriptions()).map(apiSubscription),
  }),
  apiRead({
    path: '/terminal/exchange',
    scopes: ['read:account'],
    input: nothing,
    read: async (_, { upstream }) => (await upstream.exchanges()).map(apiExchange),
  }),
  apiRead({
    path: '/signal/active',
    scopes: ['read:signals'],
    input: nothing,
    read: async (_, { upstream }) => (await upstream.activeSignals()).map(apiSignal),
  }),
  apiRead({
    path: '/signal/history',
    scopes: ['read:signals'],
    input: z.strictObject({ ...page, symbol: symbolFilter.optional() }),
    read: async ({ symbol, ...query }, { upstream }) =>
      apiSignalPage(
        await upstream.signalHistory({ ...query, symbol: symbol === undefined ? undefined : wireSymbol(symbol) }),
      ),
  }),
  apiRead({
    path: '/trade/active',
    scopes: ['read:positions', 'write:trades'],
    input: nothing,
    async read(_, { principal, upstream, showTrades }) {
      // Whoever may write may be looking at what they are about to do: such a look is shared with nobody.
      const rows = await upstream.activeTrades({ fresh: principal.scopes.has('write:trades') });
      await showTrades(rows.map((row) => row.id));
      return rows.map(apiSignal);
    },
  }),
  apiRead({
    path: '/trade/history',
    scopes: ['read:positions'],
    input: z.strictObject(page),
    read: async (query, { upstream }) => apiSignalPage(await upstream.tradeHistory(query)),
  }),
  apiRead({
    path: '/trade/user/chart',
    scopes: ['read:positions'],
    input: nothing,
    read: async (_, { upstream }) => apiChart(await upstream.chart()),
  }),
  apiRead({
    path: '/staking/client',
    scopes: ['read:pool'],
    input: nothing,
    read: async (_, { upstream }) => (await upstream.stakes()).map(apiStake),
  }),
  apiRead({
    path: '/referral/stats',
    scopes: ['read:referrals'],
    input: nothing,
    read: async (_, { upstream }) => apiReferralStats(await upstream.referralStats()),
  }),
];

/** THE list of pwa-be's paths that this service answers to write. */
export const API_WRITES: readonly ApiWrite[] = [
  { path: '/trade/approve/:id', scopes: ['write:trades'], input: z.strictObject({ id }), action: 'approve' },
  { path: '/trade/close/:id', scopes: ['write:trades'], input: z.strictObject({ id }), action: 'close' },
];

/** Who may see referrals only is told no more of the profile than the code to refer with. */
async function user({ principal, upstream }: ApiReadContext): Promise<object> {
  const row = await upstream.user();
  return principal.scopes.has('read:account') ? apiUser(row) : apiUserCode(row);
}
