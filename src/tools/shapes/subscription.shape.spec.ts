import { describe, expect, it } from '@jest/globals';
import { ACCESS, SUBSCRIPTION } from '../../../test/tools/wire.js';
import { subscriptionStatus, toSubscriptionInfo } from './subscription.shape.js';

const row = (active: boolean, trial: boolean) => ({ ...SUBSCRIPTION, active, trial });

describe('subscriptionStatus', () => {
  it.each([
    ['none', [], 'expired'],
    ['an ended trial', [row(false, true)], 'expired'],
    ['an active one', [row(true, false)], 'active'],
    ['an active trial beside an active one', [row(true, false), row(true, true)], 'trial'],
    ['an active one beside an ended trial', [row(false, true), row(true, false)], 'active'],
  ])('%s: %#', (_, subscriptions, status) => {
    expect(subscriptionStatus(subscriptions)).toBe(status);
  });
});

describe('toSubscriptionInfo', () => {
  it('has exactly the public fields', () => {
    expect(toSubscriptionInfo([SUBSCRIPTION], ACCESS)).toStrictEqual({
      status: 'active',
      tier: 'full_suite',
      products: [{ type: 'signal_bot', active: true, trial: false, next_payment_at: '2026-12-01T00:00:00.000Z' }],
    });
  });

  it.each([
    ['SIGNAL', 'signal_bot'],
    ['TRADE', 'trading_bot'],
    ['TERMINAL', 'terminal'],
    ['CARD', 'card'],
    ['ROBOT', 'ROBOT'],
    ['constructor', 'constructor'],
  ])('%s is %s', (type, product) => {
    expect(toSubscriptionInfo([{ ...SUBSCRIPTION, type }], ACCESS).products[0]?.type).toBe(product);
  });
});
