import type { z } from 'zod';
import * as wire from './pwa-be.types.js';

/** THE list of what is read from pwa-be: each path, ids as `{id}`, and what its answer must look like. */
export const WIRE_READS = {
  '/user/{id}': wire.wireUser,
  '/terminal/access': wire.wireAccess,
  '/terminal/exchange': wire.wireExchanges,
  '/subscription/user': wire.wireSubscriptions,
  '/signal/active': wire.wireSignals,
  '/signal/history': wire.wireSignalPage,
  '/trade/active': wire.wireSignals,
  '/trade/history': wire.wireSignalPage,
  '/trade/user/chart': wire.wireChart,
  '/staking/client': wire.wireStakes,
  '/referral/stats': wire.wireReferralStats,
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** A path of pwa-be without ids and query. */
export type WireRoute = keyof typeof WIRE_READS;

/** What is made of the answer of a path. */
export type WireAnswer<Route extends WireRoute> = z.output<(typeof WIRE_READS)[Route]>;
