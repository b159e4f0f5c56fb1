import { describe, expect, it } from '@jest/globals';
import { STAKE } from '../../../test/tools/wire.js';
import { toPoolStatus } from './pool.shape.js';

describe('toPoolStatus', () => {
  it('of no stakes is all zero', () => {
    expect(toPoolStatus([])).toStrictEqual({
      user_allocation_usdt: 0,
      active_stakes: 0,
      lifetime_rewards_usdt: 0,
      current_period_pending_rewards_usdt: 0,
      stakes: [],
    });
  });

  it('sums rewards over all stakes, the rest over active ones, and lists those', () => {
    const ended = { ...STAKE, id: 'stk_0', active: false, totalRewardUSDT: 100, currentPeriodFrozenReward: 9 };
    expect(toPoolStatus([ended, STAKE])).toStrictEqual({
      user_allocation_usdt: 1000,
      active_stakes: 1,
      lifetime_rewards_usdt: 325.13,
      current_period_pending_rewards_usdt: 12.35,
      stakes: [
        {
          stake_id: 'stk_1',
          amount_usdt: 1000,
          monthly_profit_pct: 0.045,
          total_payments: 12,
          current_payments: 5,
          total_reward_usdt: 225.13,
          next_payment_at: '2026-12-01T00:00:00.000Z',
          created_at: '2026-01-01T00:00:00.000Z',
          cancellable: true,
        },
      ],
    });
  });

  it('sums before it rounds', () => {
    const cents = Array.from({ length: 10 }, () => ({ ...STAKE, amountUSDT: 0.004 }));
    expect(toPoolStatus(cents).user_allocation_usdt).toBe(0.04);
  });
});
