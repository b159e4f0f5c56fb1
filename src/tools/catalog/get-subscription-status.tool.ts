import { z } from 'zod';
import { subscriptionInfoSchema, toSubscriptionInfo } from '../shapes/subscription.shape.js';
import { defineTool, READ_ONLY } from '../tool.js';

export const getSubscriptionStatus = defineTool({
  name: 'get_subscription_status',
  title: 'Subscription status',
  description:
    "The user's TradeCafe subscription: overall status, tier, and for each product whether it is active, a trial, and when " +
    'the next payment is due. Contains no prices. Reads only.',
  scope: 'read:billing',
  annotations: READ_ONLY,
  input: z.strictObject({}),
  output: subscriptionInfoSchema,
  async handler(_args, { upstream }) {
    const [subscriptions, access] = await Promise.all([upstream.subscriptions(), upstream.access()]);
    return toSubscriptionInfo(subscriptions, access);
  },
});
