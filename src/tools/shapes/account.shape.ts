import { z } from 'zod';
import type { WireAccess, WireExchange, WireSubscription, WireUser } from '../../pwa-be/pwa-be.types.js';
import { subscriptionStatusField, tierField, timeField } from './fields.js';
import { subscriptionStatus } from './subscription.shape.js';
import { email, publicId, text, textOrNull } from './text.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export const accountSummarySchema = z.strictObject({
  user_id: z.string(),
  username: z.string().nullable(),
  email: z.string(),
  tier: tierField,
  subscription_status: subscriptionStatusField,
  exchanges_connected: z.array(
    z.strictObject({
      exchange: z.string().describe('Name of the exchange, e.g. binance.'),
      status: z.enum(['active', 'inactive', 'error']),
      connected_at: timeField('When it was connected.'),
    }),
  ),
  referral_code: z.string().nullable(),
  free_trial_days_remaining: z
    .number()
    .nullable()
    .describe('Whole days; null without a trial or when its end is not known.'),
  created_at: timeField('When the account was created.'),
});
export type AccountSummary = z.output<typeof accountSummarySchema>;

export interface AccountRows {
  readonly user: WireUser;
  readonly access: WireAccess;
  readonly subscriptions: readonly WireSubscription[];
  readonly exchanges: readonly WireExchange[];
}

/**
 * The public shape of an account.
 * @param now milliseconds since 1970, for the days left of a trial
 */
export function toAccountSummary({ user, access, subscriptions, exchanges }: AccountRows, now: number): AccountSummary {
  const trial = subscriptions.find((subscription) => subscription.active && subscription.trial);
  return {
    user_id: publicId(user.id),
    username: textOrNull(user.username || null),
    email: email(user.email),
    tier: text(access.tier),
    subscription_status: subscriptionStatus(subscriptions),
    exchanges_connected: exchanges.map((account) => ({
      exchange: text(account.exchange),
      status: account.isActive ? 'active' : 'inactive',
      connected_at: text(account.createdAt),
    })),
    referral_code: textOrNull(user.referralCode),
    free_trial_days_remaining: trial === undefined ? null : daysUntil(trial.nextPaymentDate, now),
    created_at: text(user.createdAt),
  };
}

/** Days to a point in time, rounded to the nearest and never negative; null when it is no point in time. */
function daysUntil(iso: string | null, now: number): number | null {
  const then = iso === null ? Number.NaN : Date.parse(iso);
  return Number.isNaN(then) ? null : Math.max(0, Math.round((then - now) / DAY_MS));
}
