import type * as wire from '../../pwa-be/pwa-be.types.js';
import { email, publicId, text, textOrNull } from '../shapes/text.js';

/**
 * pwa-be's rows as /api passes them on: its own names and types, and of its fields those that its public client reads,
 * one by one. What is not written here does not leave: no keys of exchanges, no addresses, no balances.
 */

export function apiUser(user: wire.WireUser) {
  return {
    ...apiUserCode(user),
    email: email(user.email),
    username: textOrNull(user.username),
    createdAt: text(user.createdAt),
  };
}

/** What somebody may know who may only see referrals. */
export function apiUserCode({ id, referralCode }: wire.WireUser) {
  return { id: publicId(id), referralCode: textOrNull(referralCode) };
}

export function apiAccess({ tier }: wire.WireAccess) {
  return { tier: text(tier) };
}

export function apiExchange({ exchange, isActive, createdAt }: wire.WireExchange) {
  return { exchange: text(exchange), isActive, createdAt: text(createdAt) };
}

export function apiSubscription({ type, active, trial, nextPaymentDate }: wire.WireSubscription) {
  return { type: text(type), active, trial, nextPaymentDate: textOrNull(nextPaymentDate) };
}

export function apiSignal(row: wire.WireSignal) {
  return {
    id: publicId(row.id),
    createdAt: text(row.createdAt),
    updatedAt: textOrNull(row.updatedAt),
    active: row.active,
    profit: row.profit,
    symbol: text(row.symbol),
    signalType: text(row.signalType),
    marketType: text(row.marketType),
    strategyAlias: textOrNull(row.strategyAlias),
    timeframe: textOrNull(row.timeframe),
    positionType: row.positionType,
    quantity: row.quantity,
    price: row.price,
    positionCurrentPrice: row.positionCurrentPrice,
    takeProfit: row.takeProfit,
    partialTakeProfit: row.partialTakeProfit,
    stopLoss: row.stopLoss,
    signalCreatedAt: text(row.signalCreatedAt),
    openSignalId: row.openSignalId === null ? null : publicId(row.openSignalId),
    pending: row.pending,
  };
}

export function apiSignalPage({ items, total, page, limit, totalPages }: wire.WireSignalPage) {
  return { items: items.map(apiSignal), total, page, limit, totalPages };
}

export function apiChart({ positions, pnl }: wire.WireChart) {
  return {
    positions: positions.map(({ date, count }) => ({ date: text(date), count })),
    pnl: pnl.map(({ date, pnl: value }) => ({ date: text(date), pnl: value })),
  };
}

export function apiStake(stake: wire.WireStake) {
  return {
    id: publicId(stake.id),
    createdAt: text(stake.createdAt),
    active: stake.active,
    amountUSDT: stake.amountUSDT,
    profitPercentPerMonth: stake.profitPercentPerMonth,
    nextPaymentDate: textOrNull(stake.nextPaymentDate),
    totalPayments: stake.totalPayments,
    currentPayments: stake.currentPayments,
    totalRewardUSDT: stake.totalRewardUSDT,
    currentPeriodFrozenReward: stake.currentPeriodFrozenReward,
    cancellable: stake.cancellable,
  };
}

export function apiReferralStats(stats: wire.WireReferralStats) {
  const { totalTurnover, directReferrals, totalReferrals, totalReward } = stats;
  return { totalTurnover, directReferrals, totalReferrals, totalReward };
}
