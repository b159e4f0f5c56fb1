import { z } from 'zod';

/**
 * pwa-be's wire format, as its public client reads it. Parsed leniently towards additions (unknown fields are dropped:
 * they stay invisible until somebody adds them) and strictly towards what we use.
 */

/** A finite number; pwa-be sends JSON numbers. */
const num = z.number();
const text = z.string();
/** Absent is null. By a default, because a transform is a pipe of two schemas, and a call has dozens of these. */
const textOrNull = z.string().nullable().default(null);
const numOrNull = num.nullable().default(null);

export const wireUser = z.object({
  id: text,
  email: text,
  username: textOrNull,
  referralCode: textOrNull,
  createdAt: text,
});
export type WireUser = z.output<typeof wireUser>;

export const wireAccess = z.object({ tier: text });
export type WireAccess = z.output<typeof wireAccess>;

export const wireExchange = z.object({ exchange: text, isActive: z.boolean(), createdAt: text });
export type WireExchange = z.output<typeof wireExchange>;
export const wireExchanges = z.array(wireExchange);

export const wireSubscription = z.object({
  type: text,
  active: z.boolean(),
  trial: z.boolean(),
  nextPaymentDate: textOrNull,
});
export type WireSubscription = z.output<typeof wireSubscription>;
export const wireSubscriptions = z.array(wireSubscription);

export const wireSignal = z.object({
  id: text,
  createdAt: text,
  updatedAt: textOrNull,
  active: z.boolean(),
  /** Percent. */
  profit: num,
  /** Concatenated, e.g. BTCUSDT. */
  symbol: text,
  signalType: text,
  marketType: text,
  strategyAlias: textOrNull,
  timeframe: textOrNull,
  positionType: z.enum(['long', 'short']),
  quantity: num,
  price: num,
  positionCurrentPrice: numOrNull,
  takeProfit: num,
  partialTakeProfit: num,
  stopLoss: num,
  signalCreatedAt: text,
  openSignalId: textOrNull,
  /** The stand-in's mark of what waits for approval; real pwa-be may not send it. */
  pending: z.boolean().optional(),
});
export type WireSignal = z.output<typeof wireSignal>;
export const wireSignals = z.array(wireSignal);

export const wireSignalPage = z.object({
  items: wireSignals,
  total: num,
  page: num,
  limit: num.optional(),
  totalPages: num,
});
export type WireSignalPage = z.output<typeof wireSignalPage>;

export const wireChart = z.object({
  positions: z.array(z.object({ date: text, count: num })),
  pnl: z.array(z.object({ date: text, pnl: num })),
});
export type WireChart = z.output<typeof wireChart>;

export const wireStake = z.object({
  id: text,
  createdAt: text,
  active: z.boolean(),
  amountUSDT: num,
  profitPercentPerMonth: num,
  nextPaymentDate: textOrNull,
  totalPayments: num,
  currentPayments: num,
  totalRewardUSDT: num,
  currentPeriodFrozenReward: num,
  cancellable: z.boolean(),
});
export type WireStake = z.output<typeof wireStake>;
export const wireStakes = z.array(wireStake);

export const wireReferralStats = z.object({
  totalTurnover: num,
  directReferrals: num,
  totalReferrals: num,
  totalReward: num,
});
export type WireReferralStats = z.output<typeof wireReferralStats>;
