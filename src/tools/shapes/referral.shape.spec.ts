import { describe, expect, it } from '@jest/globals';
import { REFERRALS, USER } from '../../../test/tools/wire.js';
import { toReferralStats } from './referral.shape.js';

describe('toReferralStats', () => {
  it('has exactly the public fields', () => {
    expect(toReferralStats(REFERRALS, USER)).toStrictEqual({
      referral_code: 'ADA27',
      referral_link: 'https://tradecafe.ai/join/ADA27',
      total_turnover_usdt: 12_345.68,
      direct_referrals: 4,
      total_referrals: 19,
      total_reward_usdt: 98.77,
    });
  });

  it('has no link without a code', () => {
    expect(toReferralStats(REFERRALS, { ...USER, referralCode: null })).toMatchObject({
      referral_code: null,
      referral_link: null,
    });
    expect(toReferralStats(REFERRALS, { ...USER, referralCode: '' }).referral_link).toBeNull();
  });

  it.each(['../../evil', 'a?next=//evil.example', '@evil.example', 'a\ud800b'])(
    '%j cannot point the link elsewhere',
    (code) => {
      const link = toReferralStats(REFERRALS, { ...USER, referralCode: code }).referral_link;
      expect(new URL(link!).href).toBe(link);
      expect(link).toMatch(/^https:\/\/tradecafe\.ai\/join\/[^/?#]+$/);
    },
  );
});
