import { z } from 'zod';
import { referralStatsSchema, toReferralStats } from '../shapes/referral.shape.js';
import { defineTool, READ_ONLY } from '../tool.js';

export const getReferralStats = defineTool({
  name: 'get_referral_stats',
  title: 'Referral statistics',
  description:
    "The user's referral programme in numbers: code and link to share, people invited directly and in the whole network, " +
    "the network's turnover and what it earned the user, in USDT. Reads only.",
  scope: 'read:referrals',
  annotations: READ_ONLY,
  input: z.strictObject({}),
  output: referralStatsSchema,
  async handler(_args, { upstream }) {
    const [stats, user] = await Promise.all([upstream.referralStats(), upstream.user()]);
    return toReferralStats(stats, user);
  },
});
