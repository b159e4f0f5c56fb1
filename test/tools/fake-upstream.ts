import type { UserUpstream } from '../../src/pwa-be/pwa-be.client.js';
import { ACCESS, CHART, EXCHANGE, REFERRALS, SIGNAL, STAKE, SUBSCRIPTION, USER } from './wire.js';

/** A healthy upstream with one row of each kind; whatever is passed replaces its part. */
export function fakeUpstream(overrides: Partial<UserUpstream> = {}): UserUpstream {
  const page = { items: [], total: 0, page: 1, totalPages: 1 };
  return {
    user: async () => USER,
    access: async () => ACCESS,
    exchanges: async () => [EXCHANGE],
    subscriptions: async () => [SUBSCRIPTION],
    activeSignals: async () => [SIGNAL],
    signalHistory: async () => page,
    activeTrades: async () => [SIGNAL],
    tradeHistory: async () => page,
    chart: async () => CHART,
    stakes: async () => [STAKE],
    referralStats: async () => REFERRALS,
    approve: () => Promise.reject(new Error('a read tool approves nothing')),
    close: () => Promise.reject(new Error('a read tool closes nothing')),
    waitedMs: 0,
    ...overrides,
  };
}
