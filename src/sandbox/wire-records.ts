import { z } from 'zod';

/**
 * What this stand-in stores and sends, field by field as pwa-be does. Declared apart from the client's schemas: the two
 * sides must not agree by sharing a mistake. Loose: further fields are stored and sent, so that tests can add some that
 * must never be passed on.
 */
const signalRow = z.looseObject({
  id: z.string().min(1),
  createdAt: z.string(),
  updatedAt: z.string().nullish(),
  active: z.boolean(),
  /** Percent. */
  profit: z.number(),
  symbol: z.string(),
  signalType: z.string(),
  marketType: z.string(),
  strategyAlias: z.string().nullable(),
  timeframe: z.string().nullable(),
  positionSide: z.enum(['buy', 'sell']),
  positionType: z.enum(['long', 'short']),
  quantity: z.number(),
  price: z.number(),
  positionCurrentPrice: z.number().nullish(),
  positionCurrentQty: z.number().nullish(),
  takeProfit: z.number(),
  partialTakeProfit: z.number(),
  stopLoss: z.number(),
  signalCreatedAt: z.string(),
  seen: z.boolean(),
  openSignalId: z.string().nullish(),
  pending: z.boolean().optional(),
});
export type SignalRow = z.infer<typeof signalRow>;

const profile = z.looseObject({
  id: z.string().min(1),
  email: z.string(),
  username: z.string().nullable(),
  language: z.string(),
  balance: z.number(),
  frozenBalance: z.number(),
  confirmed: z.boolean(),
  twoFactorEnabled: z.boolean(),
  withdrawAddress: z.string().nullable(),
  type: z.string(),
  referralCode: z.string().nullable(),
  referralLevel: z.number(),
  avatarUrl: z.string().nullable(),
  chatStatus: z.string().nullable(),
  country: z.string().nullable(),
  referrerId: z.string().nullable(),
  referrerUsername: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const access = z.looseObject({
  tier: z.string(),
  terminal: z.boolean(),
  signal: z.boolean(),
  trade: z.boolean(),
  expiresAt: z.object({
    terminal: z.string().optional(),
    signal: z.string().optional(),
    trade: z.string().optional(),
  }),
});

const exchange = z.looseObject({
  id: z.string(),
  exchange: z.string(),
  label: z.string(),
  apiKey: z.string(),
  testnet: z.boolean(),
  isActive: z.boolean(),
  lastUsedAt: z.string().nullable(),
  createdAt: z.string(),
});

const subscription = z.looseObject({
  id: z.string(),
  subscriptionId: z.string(),
  type: z.string(),
  active: z.boolean(),
  trial: z.boolean(),
  nextPaymentDate: z.string().nullable(),
});

const stake = z.looseObject({
  id: z.string(),
  createdAt: z.string(),
  active: z.boolean(),
  amountUSDT: z.number(),
  referralAmount: z.number(),
  profitPercentPerMonth: z.number(),
  nextPaymentDate: z.string().nullable(),
  totalPayments: z.number(),
  currentPayments: z.number(),
  totalRewardUSDT: z.number(),
  currentPeriodFrozenReward: z.number(),
  cancellable: z.boolean(),
  invoiceId: z.string().nullable(),
});

const chart = z.object({
  positions: z.array(z.object({ date: z.iso.date(), count: z.number() })),
  pnl: z.array(z.object({ date: z.iso.date(), pnl: z.number() })),
});
export type Chart = z.infer<typeof chart>;

const referral = z.looseObject({
  totalTurnover: z.number(),
  directReferrals: z.number(),
  totalReferrals: z.number(),
  totalReward: z.number(),
});

/** Everything the sandbox knows about one user. Lists are sent in the order they are stored: newest first. */
export const userData = z.strictObject({
  profile,
  access,
  exchanges: z.array(exchange),
  subscriptions: z.array(subscription),
  /** `/signal/active` */
  activeSignals: z.array(signalRow),
  /** `/signal/history` */
  history: z.array(signalRow),
  /** `/trade/active`: open positions, their events, and what waits for approval. */
  trades: z.array(signalRow),
  /** `/trade/history` */
  tradeHistory: z.array(signalRow),
  chart,
  stakes: z.array(stake),
  referral,
});
export type UserData = z.infer<typeof userData>;
