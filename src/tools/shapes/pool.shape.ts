import { z } from 'zod';
import type { WireStake } from '../../pwa-be/pwa-be.types.js';
import { timeField } from './fields.js';
import { fraction, money, sum } from './numbers.js';
import { publicId, text, textOrNull } from './text.js';

const stakeSchema = z.strictObject({
  stake_id: z.string(),
  amount_usdt: z.number(),
  monthly_profit_pct: z.number().describe('Profit a month as a fraction: 0.05 is 5 %.'),
  total_payments: z.number().describe('Reward payments over the whole term.'),
  current_payments: z.number().describe('Reward payments made so far.'),
  total_reward_usdt: z.number(),
  next_payment_at: timeField('Next reward payment.').nullable(),
  created_at: timeField('When the stake was made.'),
  cancellable: z.boolean(),
});

export const poolStatusSchema = z.strictObject({
  user_allocation_usdt: z.number().describe('Sum of the active stakes.'),
  active_stakes: z.number(),
  lifetime_rewards_usdt: z.number().describe('Rewards of all stakes, ended ones too.'),
  current_period_pending_rewards_usdt: z.number().describe('Rewards of the running period that are not paid out yet.'),
  stakes: z.array(stakeSchema).describe('The active stakes.'),
});
export type PoolStatus = z.output<typeof poolStatusSchema>;

/** Sums up the stakes: rewards over all of them, everything else over the active ones. */
export function toPoolStatus(stakes: readonly WireStake[]): PoolStatus {
  const active = stakes.filter((stake) => stake.active);
  return {
    user_allocation_usdt: money(sum(active.map((stake) => stake.amountUSDT))),
    active_stakes: active.length,
    lifetime_rewards_usdt: money(sum(stakes.map((stake) => stake.totalRewardUSDT))),
    current_period_pending_rewards_usdt: money(sum(active.map((stake) => stake.currentPeriodFrozenReward))),
    stakes: active.map(toStake),
  };
}

function toStake(stake: WireStake): z.output<typeof stakeSchema> {
  return {
    stake_id: publicId(stake.id),
    amount_usdt: money(stake.amountUSDT),
    monthly_profit_pct: fraction(stake.profitPercentPerMonth / 100),
    total_payments: stake.totalPayments,
    current_payments: stake.currentPayments,
    total_reward_usdt: money(stake.totalRewardUSDT),
    next_payment_at: textOrNull(stake.nextPaymentDate),
    created_at: text(stake.createdAt),
    cancellable: stake.cancellable,
  };
}
