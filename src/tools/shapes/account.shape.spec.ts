import { describe, expect, it } from '@jest/globals';
import { ACCESS, EXCHANGE, SUBSCRIPTION, USER } from '../../../test/tools/wire.js';
import { type AccountRows, toAccountSummary } from './account.shape.js';

const NOW = Date.parse('2026-06-10T12:00:00.000Z');
const rows: AccountRows = { user: USER, access: ACCESS, subscriptions: [SUBSCRIPTION], exchanges: [EXCHANGE] };
const trialUntil = (nextPaymentDate: string | null) =>
  toAccountSummary({ ...rows, subscriptions: [{ ...SUBSCRIPTION, trial: true, nextPaymentDate }] }, NOW);

describe('toAccountSummary', () => {
  it('has exactly the public fields', () => {
    expect(toAccountSummary(rows, NOW)).toStrictEqual({
      user_id: 'usr_1',
      username: 'ada',
      email: 'ada@example.com',
      tier: 'full_suite',
      subscription_status: 'active',
      exchanges_connected: [{ exchange: 'binance', status: 'active', connected_at: '2025-02-01T00:00:00.000Z' }],
      referral_code: 'ADA27',
      free_trial_days_remaining: null,
      created_at: '2025-01-01T00:00:00.000Z',
    });
  });

  it.each([
    ['2026-06-11T12:00:00.000Z', 1],
    ['2026-06-10T23:59:00.000Z', 0],
    ['2026-06-11T00:00:00.000Z', 1],
    ['2026-06-09T12:00:00.000Z', 0],
    ['no date', null],
    [null, null],
  ])('a trial until %s has %s days left', (until, days) => {
    expect(trialUntil(until).free_trial_days_remaining).toBe(days);
  });

  it('knows no days left when the trial is over', () => {
    const over = [{ ...SUBSCRIPTION, trial: true, active: false }];
    expect(toAccountSummary({ ...rows, subscriptions: over }, NOW)).toMatchObject({
      subscription_status: 'expired',
      free_trial_days_remaining: null,
    });
  });

  it('passes unknown exchanges and tiers on, and marks inactive ones', () => {
    const unknown = { ...EXCHANGE, exchange: 'hyperliquid', isActive: false };
    expect(toAccountSummary({ ...rows, access: { tier: 'platinum' }, exchanges: [unknown] }, NOW)).toMatchObject({
      tier: 'platinum',
      exchanges_connected: [{ exchange: 'hyperliquid', status: 'inactive' }],
    });
  });

  it('has no name rather than an empty one', () => {
    expect(toAccountSummary({ ...rows, user: { ...USER, username: '' } }, NOW).username).toBeNull();
  });
});
