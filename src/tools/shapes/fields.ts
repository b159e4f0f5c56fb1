import { z } from 'zod';

/** Schemas of fields that several shapes share, with the words a model reads about them. */

export const sideField = z.enum(['long', 'short']);

export const symbolField = z.string().describe('Trading pair, e.g. BTC-USDT.');

export const marketTypeField = z.string().describe('crypto, forex, stocks or commodities.');

export const strategyField = z.string().nullable().describe('Name of the strategy behind it, if it has one.');

export const candleField = z.string().nullable().describe('Candle horizon, e.g. 15m, 1h, 4h, 1d.');

export const tierField = z.string().describe('free, pro, signals, trading or full_suite.');

export const subscriptionStatusField = z
  .enum(['trial', 'active', 'expired', 'cancelled'])
  .describe('expired also means that there never was a subscription.');

/** A point in time as pwa-be writes it. */
export function timeField(meaning: string): z.ZodString {
  return z.string().describe(`${meaning} ISO 8601.`);
}
