import * as fc from 'fast-check';
import type * as wire from '../../src/pwa-be/pwa-be.types.js';

/** What a healthy pwa-be sends, one row of each kind; override what a test is about. */
export const SIGNAL: wire.WireSignal = {
  id: 'sig_1',
  createdAt: '2026-06-01T10:00:00.000Z',
  updatedAt: '2026-06-02T10:00:00.000Z',
  active: true,
  profit: 1.5,
  symbol: 'BTCUSDT',
  signalType: 'open',
  marketType: 'crypto',
  strategyAlias: 'Trend Reversion v3',
  timeframe: '1h',
  positionType: 'long',
  quantity: 0.01,
  price: 64_000.5,
  positionCurrentPrice: 65_000,
  takeProfit: 68_000,
  partialTakeProfit: 66_000,
  stopLoss: 61_000,
  signalCreatedAt: '2026-06-01T09:59:00.000Z',
  openSignalId: null,
};

export const USER: wire.WireUser = {
  id: 'usr_1',
  email: 'ada@example.com',
  username: 'ada',
  referralCode: 'ADA27',
  createdAt: '2025-01-01T00:00:00.000Z',
};

export const ACCESS: wire.WireAccess = { tier: 'full_suite' };

export const EXCHANGE: wire.WireExchange = {
  exchange: 'binance',
  isActive: true,
  createdAt: '2025-02-01T00:00:00.000Z',
};

export const SUBSCRIPTION: wire.WireSubscription = {
  type: 'SIGNAL',
  active: true,
  trial: false,
  nextPaymentDate: '2026-12-01T00:00:00.000Z',
};

export const STAKE: wire.WireStake = {
  id: 'stk_1',
  createdAt: '2026-01-01T00:00:00.000Z',
  active: true,
  amountUSDT: 1000,
  profitPercentPerMonth: 4.5,
  nextPaymentDate: '2026-12-01T00:00:00.000Z',
  totalPayments: 12,
  currentPayments: 5,
  totalRewardUSDT: 225.125,
  currentPeriodFrozenReward: 12.345,
  cancellable: true,
};

export const CHART: wire.WireChart = {
  positions: [{ date: '2026-06-01', count: 3 }],
  pnl: [{ date: '2026-06-01', pnl: 12.345 }],
};

export const REFERRALS: wire.WireReferralStats = {
  totalTurnover: 12_345.678,
  directReferrals: 4,
  totalReferrals: 19,
  totalReward: 98.765,
};

/** Every finite double, the absurd ones often. */
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
);
const anyText = fc.string({ unit: 'binary', maxLength: 30 });
const anyTextOrNull = fc.option(anyText, { nil: null });

/** Rows of the right form with whatever contents. */
export const arbitrary = {
  signal: fc.record(
    {
      id: anyText,
      createdAt: anyText,
      updatedAt: anyTextOrNull,
      active: fc.boolean(),
      profit: anyNumber,
      symbol: anyText,
      signalType: fc.constantFrom('open', 'close'),
      marketType: anyText,
      strategyAlias: anyTextOrNull,
      timeframe: anyTextOrNull,
      positionType: fc.constantFrom<'long' | 'short'>('long', 'short'),
      quantity: anyNumber,
      price: anyNumber,
      positionCurrentPrice: fc.option(anyNumber, { nil: null }),
      takeProfit: anyNumber,
      partialTakeProfit: anyNumber,
      stopLoss: anyNumber,
      signalCreatedAt: anyText,
      openSignalId: anyTextOrNull,
      pending: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  chart: fc.record({
    positions: fc.array(fc.record({ date: anyText, count: anyNumber })),
    pnl: fc.array(fc.record({ date: anyText, pnl: anyNumber })),
  }),
  stake: fc.record({
    id: anyText,
    createdAt: anyText,
    active: fc.boolean(),
    amountUSDT: anyNumber,
    profitPercentPerMonth: anyNumber,
    nextPaymentDate: anyTextOrNull,
    totalPayments: anyNumber,
    currentPayments: anyNumber,
    totalRewardUSDT: anyNumber,
    currentPeriodFrozenReward: anyNumber,
    cancellable: fc.boolean(),
  }),
  subscription: fc.record({
    type: fc.oneof(anyText, fc.constantFrom('SIGNAL', 'constructor', '__proto__')),
    active: fc.boolean(),
    trial: fc.boolean(),
    nextPaymentDate: fc.oneof(anyTextOrNull, fc.constant('+275760-09-13T00:00:00.000Z')),
  }),
  access: fc.record({ tier: anyText }),
  exchange: fc.record({ exchange: anyText, isActive: fc.boolean(), createdAt: anyText }),
  user: fc.record({
    id: anyText,
    email: anyText,
    username: anyTextOrNull,
    referralCode: anyTextOrNull,
    createdAt: anyText,
  }),
  referrals: fc.record({
    totalTurnover: anyNumber,
    directReferrals: anyNumber,
    totalReferrals: anyNumber,
    totalReward: anyNumber,
  }),
};
