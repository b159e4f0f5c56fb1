import { z } from 'zod';
import type { WireReferralStats, WireUser } from '../../pwa-be/pwa-be.types.js';
import { money } from './numbers.js';
import { textOrNull } from './text.js';

export const referralStatsSchema = z.strictObject({
  referral_code: z.string().nullable(),
  referral_link: z.string().nullable().describe('Link to share; null without a code.'),
  total_turnover_usdt: z.number().describe('Turnover of the whole referral network.'),
  direct_referrals: z.number().describe('People invited directly.'),
  total_referrals: z.number().describe('Everybody in the network, over all levels.'),
  total_reward_usdt: z.number().describe('Earned by referrals so far.'),
});
export type ReferralStats = z.output<typeof referralStatsSchema>;

/** The public shape of a user's referrals. */
export function toReferralStats(stats: WireReferralStats, user: WireUser): ReferralStats {
  const code = textOrNull(user.referralCode);
  return {
    referral_code: code,
    referral_link: code ? joinLink(code) : null,
    total_turnover_usdt: money(stats.totalTurnover),
    direct_referrals: stats.directReferrals,
    total_referrals: stats.totalReferrals,
    total_reward_usdt: money(stats.totalReward),
  };
}

/** A code is user-made text and must not point the link elsewhere; half a surrogate pair cannot be encoded at all. */
function joinLink(code: string): string {
  return `https://tradecafe.ai/join/${encodeURIComponent(code.replace(/\p{Cs}/gu, ''))}`;
}
