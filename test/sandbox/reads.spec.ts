import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { DEMO_USER, DEMO_USERS, SECOND_DEMO_USER } from '../../src/config/demo.js';
import * as wire from '../../src/pwa-be/pwa-be.types.js';
import type { Chart, SignalRow } from '../../src/sandbox/wire-records.js';
import { startHarness, type Harness } from './sandbox-client.js';

interface Page {
  items: SignalRow[];
  total: number;
  page: number;
  limit: number;
  totalPages: number;
}

const NOW = () => new Date('2026-07-30T15:00:00Z');
const paths = (user: string): [string, z.ZodType][] => [
  [`/user/${user}`, wire.wireUser],
  ['/terminal/access', wire.wireAccess],
  ['/terminal/exchange', wire.wireExchange.array()],
  ['/subscription/user', wire.wireSubscription.array()],
  ['/signal/active', wire.wireSignal.array()],
  ['/signal/history?page=1&limit=200', wire.wireSignalPage],
  ['/trade/active', wire.wireSignal.array()],
  ['/trade/history?page=1&limit=200', wire.wireSignalPage],
  ['/trade/user/chart', wire.wireChart],
  ['/staking/client', wire.wireStake.array()],
  ['/referral/stats', wire.wireReferralStats],
];

describe('what the sandbox sends', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ now: NOW });
  });
  afterAll(() => harness.sandbox.stop());

  it('400 for a page or limit that is none', async () => {
    for (const query of ['page=0', 'page=x', 'page=1.5', 'limit=0', 'limit=-1', 'limit=all']) {
      expect([query, (await harness.call('GET', `/signal/history?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it.each(DEMO_USERS.flatMap(({ id }) => paths(id).map(([path, schema]) => [id, path, schema] as const)))(
    'fits what the client reads: %s %s',
    async (user, path, schema) => {
      const body = await harness.get<unknown>(path, user);
      expect(schema.safeParse(body).error).toBeUndefined();
    },
  );

  it('sends every field of the wire table, also those that must not be passed on', async () => {
    const profile = await harness.get<Record<string, unknown>>(`/user/${DEMO_USER.id}`);
    expect(Object.keys(profile).toSorted()).toEqual(
      (
        'avatarUrl balance chatStatus confirmed country createdAt email frozenBalance id language referralCode ' +
        'referralLevel referrerId referrerUsername twoFactorEnabled type updatedAt username withdrawAddress'
      ).split(' '),
    );
    const [exchange] = await harness.get<Record<string, unknown>[]>('/terminal/exchange');
    expect(Object.keys(exchange ?? {}).join(' ')).toBe(
      'id exchange label apiKey testnet isActive lastUsedAt createdAt',
    );
    const [stake] = await harness.get<Record<string, unknown>[]>('/staking/client');
    expect(
      Object.keys(stake ?? {})
        .toSorted()
        .join(' '),
    ).toBe(
      'active amountUSDT cancellable createdAt currentPayments currentPeriodFrozenReward id invoiceId nextPaymentDate ' +
        'profitPercentPerMonth referralAmount totalPayments totalRewardUSDT',
    );
    const [row] = await harness.get('/trade/active');
    expect(row).toMatchObject({
      positionSide: 'buy',
      seen: false,
      indicators: { note: 'INTERNAL-INDICATOR' },
      strategyParameters: { note: 'INTERNAL-PARAMETER' },
    });
  });

  it('has the demo user of the documentation', async () => {
    expect(await harness.get(`/user/${DEMO_USER.id}`)).toMatchObject({
      id: 'usr_demo_8f3a91',
      username: 'demo_user',
      email: 'demo@tradecafe.ai',
      referralCode: 'DEMO27',
    });
    expect(await harness.get('/terminal/access')).toMatchObject({ tier: 'full_suite' });
    const subscriptions = await harness.get<wire.WireSubscription[]>('/subscription/user');
    expect(
      new Set(subscriptions.map(({ trial, nextPaymentDate }) => `${trial} ${nextPaymentDate?.slice(0, 10)}`)),
    ).toEqual(new Set(['true 2026-08-22']));
    const waiting = (await harness.get('/trade/active')).filter(({ pending }) => pending);
    expect(waiting).toMatchObject([
      { id: 'sig_2026060402', symbol: 'ETHUSDT', price: 3421.8, strategyAlias: 'Trend Reversion v3', timeframe: '1h' },
    ]);
    expect((waiting[0]?.quantity ?? 0) * (waiting[0]?.price ?? 0)).toBeCloseTo(100, 3);
    const open = (await harness.get('/trade/active')).filter(
      ({ signalType, pending }) => signalType === 'open' && !pending,
    );
    expect(open.map(({ symbol, positionType }) => `${symbol} ${positionType}`)).toEqual([
      'SOLUSDT short',
      'BTCUSDT long',
    ]);
    const signals = (await harness.get('/signal/active')).filter(({ signalType }) => signalType === 'open');
    expect(signals.map(({ id }) => id)).toEqual(['sig_2026060402', 'sig_2026060403']);
  });

  it('has event rows, several markets, quotes and outcomes in the history, newest first', async () => {
    const items: SignalRow[] = [];
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const answer = await harness.get<Page>(`/signal/history?page=${page}&limit=50`);
      expect(answer).toMatchObject({ page, limit: 50 });
      pages = answer.totalPages;
      items.push(...answer.items);
      expect(pages).toBe(Math.ceil(answer.total / 50));
    }
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    expect(items.length).toBeGreaterThan(150);
    const ended = items.map(({ updatedAt }) => updatedAt ?? '');
    expect(ended).toEqual(ended.toSorted().toReversed());
    expect(new Set(items.map(({ signalType }) => signalType))).toEqual(new Set(['open', 'partial_close', 'close']));
    expect(new Set(items.map(({ marketType }) => marketType)).size).toBe(4);
    expect(items.some(({ profit }) => profit === 0) && items.some(({ profit }) => profit < 0)).toBe(true);
    expect(items.some(({ strategyAlias }) => strategyAlias === null)).toBe(true);
    expect(items.every(({ active }) => !active)).toBe(true);
  });

  it('filters by symbol and pages past the end', async () => {
    const btc = await harness.get<Page>('/signal/history?symbol=BTCUSDT&limit=3');
    expect(btc.items.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'BTCUSDT', 'BTCUSDT']);
    expect(btc.totalPages).toBe(Math.ceil(btc.total / 3));
    expect(await harness.get('/signal/history?symbol=NONE')).toMatchObject({ items: [], total: 0, totalPages: 0 });
    expect(await harness.get('/trade/history?page=99')).toMatchObject({ items: [], page: 99 });
  });

  it('charts the last 365 days up to today', async () => {
    const { pnl, positions } = await harness.get<Chart>('/trade/user/chart');
    expect([pnl.length, pnl[0]?.date, pnl.at(-1)?.date]).toEqual([365, '2025-07-31', '2026-07-30']);
    expect(positions.map(({ date }) => date)).toEqual(pnl.map(({ date }) => date));
    expect(pnl.some((day) => day.pnl > 0) && pnl.some((day) => day.pnl < 0)).toBe(true);
  });

  it('shows each user their own and nothing of the other', async () => {
    const all = async (user: string) => {
      const bodies = await Promise.all(paths(user).map(([path]) => harness.get<unknown>(path, user)));
      return JSON.stringify(bodies);
    };
    const identifiers = (text: string) => new Set(text.match(/\b(?:sig|pos|usb|exc|stk)_\w+|DEMO\d+|[\w.]+@[\w.]+/g));
    const first = identifiers(await all(DEMO_USER.id));
    const second = identifiers(await all(SECOND_DEMO_USER.id));
    expect(first.size).toBeGreaterThan(200);
    expect(second.size).toBeGreaterThan(50);
    expect([...first].filter((id) => second.has(id))).toEqual([]);
  });

  it('sends the same bytes after another start, on another day only the calendar differs', async () => {
    const bytes = async (now: () => Date) => {
      const other = await startHarness({ now });
      const texts = [];
      for (const { id } of DEMO_USERS) {
        for (const [path] of paths(id)) texts.push(await (await other.call('GET', path, { user: id })).text());
      }
      await other.sandbox.stop();
      return texts.join('\n');
    };
    const first = await bytes(NOW);
    expect(await bytes(() => new Date('2026-07-30T23:59:59Z'))).toBe(first);
    const later = await bytes(() => new Date('2026-09-01T00:00:00Z'));
    expect(later).not.toBe(first);
    const undated = (text: string) => text.replace(/202\d-\d\d-\d\d/g, 'DATE');
    expect(undated(later)).toBe(undated(first));
  });
});
