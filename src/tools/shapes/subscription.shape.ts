import { z } from 'zod';
import type { WireAccess, WireSubscription } from '../../pwa-be/pwa-be.types.js';
import { subscriptionStatusField, tierField, timeField } from './fields.js';
import { text, textOrNull } from './text.js';

/** Product names by pwa-be's subscription types. */
const PRODUCTS: ReadonlyMap<string, string> = new Map([
  ['SIGNAL', 'signal_bot'],
  ['TRADE', 'trading_bot'],
  ['TERMINAL', 'terminal'],
  ['CARD', 'card'],
]);

export const subscriptionInfoSchema = z.strictObject({
  status: subscriptionStatusField,
  tier: tierField,
  products: z.array(
    z.strictObject({
      type: z.string().describe('signal_bot, trading_bot, terminal or card.'),
      active: z.boolean(),
      trial: z.boolean(),
      next_payment_at: timeField('Next payment, or end of the trial.').nullable(),
    }),
  ),
});
export type SubscriptionInfo = z.output<typeof subscriptionInfoSchema>;
export type SubscriptionStatus = SubscriptionInfo['status'];

/** The public shape of a user's subscriptions; a product type we do not know keeps its name. */
export function toSubscriptionInfo(subscriptions: readonly WireSubscription[], access: WireAccess): SubscriptionInfo {
  return {
    status: subscriptionStatus(subscriptions),
    tier: text(access.tier),
    products: subscriptions.map((subscription) => ({
      type: PRODUCTS.get(subscription.type) ?? text(subscription.type),
      active: subscription.active,
      trial: subscription.trial,
      next_payment_at: textOrNull(subscription.nextPaymentDate),
    })),
  };
}

/** One status over all subscriptions: an active trial outranks an active one, which outranks none. */
export function subscriptionStatus(subscriptions: readonly WireSubscription[]): SubscriptionStatus {
  const active = subscriptions.filter((subscription) => subscription.active);
  if (active.some((subscription) => subscription.trial)) return 'trial';
  return active.length > 0 ? 'active' : 'expired';
}
