import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LiveTradeCafeClient } from '@tradecafe-ai/mcp/dist/client/LiveTradeCafeClient.js';
import * as fc from 'fast-check';
import type { z } from 'zod';
import * as wire from '../../src/pwa-be/pwa-be.types.js';
import type { Principal } from '../../src/auth/principal.js';
import { toolByName } from '../../src/tools/registry.js';
import { fakeUpstream } from './fake-upstream.js';

/**
 * Over a healthy upstream every read tool returns what the public npm client returns, field by field. What differs on
 * purpose is outside of what is generated here:
 * - a failed upstream read is an error instead of an empty list or a default tier: the public client's answer reads as data;
 * - rows with `pending: true` are no positions: they wait for approval, nothing is at stake yet;
 * - a trial whose end is not known has null days left instead of 0: it may run for weeks;
 * - the id, symbol and text of a row pass a sanitizer: a healthy upstream sends nothing that it would change.
 */

const TIME = Date.parse('2026-06-10T12:00:00.000Z');
const time = fc.integer({ min: -400 * 24, max: 400 * 24 }).map((h) => new Date(TIME + h * 3_600_000 + 1).toISOString());
const date = fc
  .integer({ min: 0, max: 500 })
  .map((day) => new Date(TIME - day * 86_400_000).toISOString().slice(0, 10));
const id = fc.stringMatching(/^[a-z]{3}_[0-9]{1,3}$/);
const price = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 200_000, noNaN: true }));
const money = fc.oneof(
  fc.integer({ min: -2_000, max: 2_000 }).map((halfCents) => halfCents / 200),
  fc.double({ min: -1e7, max: 1e7, noNaN: true }),
);
const count = fc.nat({ max: 10_000 });
const name = fc.constantFrom('Trend Reversion v3', 'Momentum', 'Ärger & Söhne');

const signal = fc.record(
  {
    id,
    createdAt: time,
    updatedAt: time,
    active: fc.boolean(),
    profit: fc.oneof(fc.constant(0), fc.double({ min: -100, max: 500, noNaN: true })),
    symbol: fc.constantFrom('BTCUSDT', 'ETHUSDC', 'SOLBUSD', 'XAUUSD', 'USDT', 'ETHBTC'),
    signalType: fc.constantFrom('open', 'open', 'open', 'average', 'partial_close', 'close'),
    marketType: fc.constantFrom('crypto', 'forex', 'stocks', 'commodities'),
    strategyAlias: fc.option(name),
    timeframe: fc.option(fc.constantFrom('15m', '1h', '4h', '1d')),
    positionSide: fc.constantFrom('buy', 'sell'),
    positionType: fc.constantFrom('long', 'short'),
    quantity: fc.double({ min: 0, max: 10_000, noNaN: true }),
    price,
    positionCurrentPrice: price,
    takeProfit: price,
    partialTakeProfit: price,
    stopLoss: price,
    signalCreatedAt: time,
    seen: fc.boolean(),
    openSignalId: fc.option(id),
  },
  {
    requiredKeys: [
      ...(['id', 'createdAt', 'active', 'profit', 'symbol', 'signalType', 'marketType', 'strategyAlias'] as const),
      ...([
        'timeframe',
        'positionSide',
        'positionType',
        'quantity',
        'price',
        'takeProfit',
        'partialTakeProfit',
      ] as const),
      ...(['stopLoss', 'signalCreatedAt', 'seen'] as const),
    ],
    noNullPrototype: true,
  },
);
const signals = fc.array(signal, { maxLength: 12 });

/** Everything that the public client can ask a healthy upstream for. */
const world = fc.record(
  {
    user: fc.record({
      id: fc.constant('usr_1'),
      email: fc.emailAddress(),
      username: fc.constantFrom('', 'ada'),
      referralCode: fc.option(fc.constantFrom('ADA27', '')),
      createdAt: time,
    }),
    access: fc.record({ tier: fc.constantFrom('free', 'pro', 'signals', 'trading', 'full_suite') }),
    exchanges: fc.array(
      fc.record({
        exchange: fc.constantFrom('binance', 'bybit', 'okx'),
        isActive: fc.boolean(),
        createdAt: time,
        apiKey: fc.constant('k'),
      }),
    ),
    subscriptions: fc.array(
      fc.record({
        type: fc.constantFrom('SIGNAL', 'TRADE', 'TERMINAL', 'CARD'),
        active: fc.boolean(),
        trial: fc.boolean(),
        nextPaymentDate: time,
      }),
    ),
    activeSignals: signals,
    signalHistory: fc.array(signals, { minLength: 1, maxLength: 5 }),
    activeTrades: signals,
    tradeHistory: signals,
    chart: fc.record({
      positions: fc.array(fc.record({ date, count })),
      pnl: fc.array(fc.record({ date, pnl: money }), { maxLength: 400 }),
    }),
    stakes: fc.array(
      fc.record({
        id,
        createdAt: time,
        active: fc.boolean(),
        amountUSDT: money,
        profitPercentPerMonth: money,
        nextPaymentDate: time,
        totalPayments: count,
        currentPayments: count,
        totalRewardUSDT: money,
        currentPeriodFrozenReward: money,
        cancellable: fc.boolean(),
      }),
    ),
    referralStats: fc.record({
      totalTurnover: money,
      directReferrals: count,
      totalReferrals: count,
      totalReward: money,
    }),
  },
  { noNullPrototype: true },
);
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

/** The answers of both sides come from one place: as JSON on the wire for the public client, parsed for ours. */
function answer(w: World, url: URL): unknown {
  const page = (pages: unknown[][]) => {
    const number = Number(url.searchParams.get('page'));
    return { items: pages[number - 1] ?? [], total: pages.flat().length, page: number, totalPages: pages.length };
  };
  const routes: Record<string, () => unknown> = {
    '/user/usr_1': () => w.user,
    '/terminal/access': () => w.access,
    '/terminal/exchange': () => w.exchanges,
    '/subscription/user': () => w.subscriptions,
    '/signal/active': () => w.activeSignals,
    '/signal/history': () => page(w.signalHistory),
    '/trade/active': () => w.activeTrades,
    '/trade/history': () => page([w.tradeHistory]),
    '/trade/user/chart': () => w.chart,
    '/staking/client': () => w.stakes,
    '/referral/stats': () => w.referralStats,
  };
  return routes[url.pathname]!();
}

function ourUpstream(w: World) {
  const get = async <S extends z.ZodType>(schema: S, path: string, query: object = {}): Promise<z.output<S>> => {
    const url = new URL(path, 'http://pwa-be');
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    return schema.parse(JSON.parse(JSON.stringify(answer(w, url))));
  };
  return fakeUpstream({
    user: () => get(wire.wireUser, '/user/usr_1'),
    access: () => get(wire.wireAccess, '/terminal/access'),
    exchanges: () => get(wire.wireExchanges, '/terminal/exchange'),
    subscriptions: () => get(wire.wireSubscriptions, '/subscription/user'),
    activeSignals: () => get(wire.wireSignals, '/signal/active'),
    signalHistory: (query) => get(wire.wireSignalPage, '/signal/history', query),
    activeTrades: () => get(wire.wireSignals, '/trade/active'),
    tradeHistory: (query) => get(wire.wireSignalPage, '/trade/history', query),
    chart: () => get(wire.wireChart, '/trade/user/chart'),
    stakes: () => get(wire.wireStakes, '/staking/client'),
    referralStats: () => get(wire.wireReferralStats, '/referral/stats'),
  });
}

/** Both results as JSON, or that both failed. */
async function compare(
  w: World,
  toolName: string,
  args: object,
  publicCall: (client: LiveTradeCafeClient) => Promise<unknown>,
  key?: string,
) {
  const tool = toolByName(toolName);
  if (tool === undefined || !('handler' in tool)) throw new Error(`${toolName} is no read tool`);
  const context = { principal: { userId: 'usr_1' } as Principal, upstream: ourUpstream(w) };
  const ours = await tool.handler(tool.input.parse(args), context).then(
    (result) => (key === undefined ? result : result[key]),
    () => 'failed',
  );
  const jwt = `e30.${Buffer.from('{"sub":"usr_1"}').toString('base64url')}.x`;
  const client = new LiveTradeCafeClient({
    baseUrl: 'http://pwa-be',
    tokens: { canRefresh: false, getAccessToken: async () => jwt, invalidate: async () => undefined },
  });
  jest
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async (url) => Response.json(answer(w, new URL(url instanceof Request ? url.url : url))));
  const theirs = await publicCall(client).catch(() => 'failed');
  expect(JSON.parse(JSON.stringify(ours))).toEqual(JSON.parse(JSON.stringify(theirs)));
}

describe('over a healthy upstream, the same as the public client', () => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(TIME);
    // The public client logs there.
    jest.spyOn(console, 'error').mockReturnValue();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('get_account_summary, get_subscription_status, get_referral_stats, get_pool_status', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (w) => {
        await compare(w, 'get_account_summary', {}, (client) => client.getAccountSummary());
        await compare(w, 'get_subscription_status', {}, (client) => client.getSubscriptionStatus());
        await compare(w, 'get_referral_stats', {}, (client) => client.getReferralStats());
        await compare(w, 'get_pool_status', {}, (client) => client.getPoolStatus());
      }),
    );
  });

  const signalFilter = fc.record(
    {
      symbol: fc.constantFrom('BTC-USDT', 'ETHUSDC', 'ETHBTC'),
      side: fc.constantFrom('long' as const, 'short' as const),
      limit: fc.integer({ min: 1, max: 100 }),
      include_history: fc.boolean(),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  it('get_recent_signals', async () => {
    await fc.assert(
      fc.asyncProperty(world, signalFilter, (w, args) =>
        compare(w, 'get_recent_signals', args, (client) => client.getRecentSignals(args), 'signals'),
      ),
    );
  });

  it('get_signal_details', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.nat(), async (w, pick) => {
        const known = [...w.activeSignals, ...w.signalHistory.flat()].map((row) => row.id);
        const signal_id = [...known, 'nowhere'][pick % (known.length + 1)]!;
        await compare(w, 'get_signal_details', { signal_id }, (client) => client.getSignalDetails(signal_id));
      }),
    );
  });

  const positionFilter = fc.record(
    { status: fc.constantFrom('open' as const, 'closed' as const), limit: fc.integer({ min: 1, max: 200 }) },
    { requiredKeys: [], noNullPrototype: true },
  );
  it('get_positions', async () => {
    await fc.assert(
      fc.asyncProperty(world, positionFilter, (w, args) =>
        compare(w, 'get_positions', args, (client) => client.getPositions(args), 'positions'),
      ),
    );
  });

  it('get_pnl_history', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.constantFrom('7d' as const, '30d' as const, '90d' as const, '365d' as const),
        (w, timeframe) => compare(w, 'get_pnl_history', { timeframe }, (client) => client.getPnlHistory({ timeframe })),
      ),
    );
  });
});
