import { describe, expect, it, jest } from '@jest/globals';
import { fakeUpstream } from '../../../test/tools/fake-upstream.js';
import { SIGNAL } from '../../../test/tools/wire.js';
import type { Principal } from '../../auth/principal.js';
import { ALL_SCOPES } from '../../auth/scopes.js';
import { AppError } from '../../errors/app-error.js';
import type { UserUpstream } from '../../pwa-be/pwa-be.client.js';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import { TOOLS, toolByName } from '../registry.js';
import { publicId } from '../shapes/text.js';

const principal: Principal = {
  userId: 'usr_1',
  credentialId: 'c',
  kind: 'pat',
  credentialName: 'test',
  scopes: new Set(ALL_SCOPES),
  maxTradeUsdt: null,
  writePolicy: 'token_only',
};

/** Calls a tool as the runner does; what it returns must fit what it publishes. */
async function call(name: string, args: object = {}, upstream: Partial<UserUpstream> = {}) {
  const tool = toolByName(name);
  if (tool === undefined || !('handler' in tool)) throw new Error(`${name} is no read tool`);
  const result = await tool.handler(tool.input.parse(args), { principal, upstream: fakeUpstream(upstream) });
  return tool.output.parse(result);
}

const row = (id: string, more: Partial<WireSignal> = {}): WireSignal => ({ ...SIGNAL, id, ...more });
const page = (items: WireSignal[], totalPages = 1) => ({ items, total: items.length, page: 1, totalPages });
const ids = (rows: unknown): string[] =>
  (rows as Record<string, string>[]).map((item) => (item.signal_id ?? item.position_id)!);

/** The upstream reads each tool is made of: when one of them fails, so does the tool. */
const READS: [tool: string, args: object, reads: (keyof UserUpstream)[]][] = [
  ['get_account_summary', {}, ['user', 'access', 'subscriptions', 'exchanges']],
  ['get_recent_signals', { include_history: true }, ['activeSignals', 'signalHistory']],
  ['get_signal_details', { signal_id: 'nowhere' }, ['activeSignals', 'signalHistory']],
  ['get_positions', {}, ['activeTrades', 'tradeHistory']],
  ['get_pnl_history', {}, ['chart']],
  ['get_pool_status', {}, ['stakes']],
  ['get_subscription_status', {}, ['subscriptions', 'access']],
  ['get_referral_stats', {}, ['referralStats', 'user']],
];

describe('an upstream failure', () => {
  it.each(READS.flatMap(([tool, args, reads]) => reads.map((read) => [tool, read, args] as const)))(
    'is an error of %s when %s fails',
    async (tool, read, args) => {
      const failure = new AppError('upstream_unavailable');
      await expect(call(tool, args, { [read]: () => Promise.reject(failure) })).rejects.toBe(failure);
    },
  );

  it('is tested for every read tool', () => {
    const readTools = TOOLS.filter((tool) => tool.annotations.readOnlyHint).map((tool) => tool.name);
    expect(READS.map(([tool]) => tool).sort()).toEqual(readTools.sort());
  });
});

describe.each(READS.filter(([tool]) => tool !== 'get_signal_details'))('%s', (tool, args) => {
  it('answers a healthy upstream in its published shape', async () => {
    expect(Object.keys(await call(tool, args)).length).toBeGreaterThan(0);
  });
});

describe('get_recent_signals', () => {
  const live = [row('live_1'), row('event', { signalType: 'average' }), row('live_2', { positionType: 'short' })];

  it('lists live signals only unless asked for more, and asks for no history', async () => {
    const signalHistory = jest.fn<UserUpstream['signalHistory']>();
    const { signals } = await call('get_recent_signals', {}, { activeSignals: async () => live, signalHistory });
    expect(ids(signals)).toEqual(['live_1', 'live_2']);
    expect(signalHistory).not.toHaveBeenCalled();
  });

  it('appends history to the live ones, and cuts after filtering', async () => {
    const signalHistory = jest.fn<UserUpstream['signalHistory']>(async () =>
      page([
        row('old_1', { active: false }),
        row('old_event', { signalType: 'close' }),
        row('old_2', { active: false }),
      ]),
    );
    const args = { include_history: true, limit: 3 };
    const { signals } = await call('get_recent_signals', args, { activeSignals: async () => live, signalHistory });
    expect(ids(signals)).toEqual(['live_1', 'live_2', 'old_1']);
    expect(signalHistory).toHaveBeenCalledWith({ page: 1, limit: 3, symbol: undefined });
  });

  it.each(['ETH-USDT', 'ETHUSDT'])('filters by %s, and passes it on as pwa-be writes it', async (symbol) => {
    const signalHistory = jest.fn<UserUpstream['signalHistory']>(async () => page([row('old', { symbol: 'ETHUSDT' })]));
    const activeSignals = async () => [row('btc'), row('eth', { symbol: 'ETHUSDT' })];
    const { signals } = await call(
      'get_recent_signals',
      { symbol, include_history: true },
      { activeSignals, signalHistory },
    );
    expect(ids(signals)).toEqual(['eth', 'old']);
    expect(signalHistory).toHaveBeenCalledWith({ page: 1, limit: 20, symbol: 'ETHUSDT' });
  });

  it('filters by side', async () => {
    const { signals } = await call('get_recent_signals', { side: 'short' }, { activeSignals: async () => live });
    expect(ids(signals)).toEqual(['live_2']);
  });

  it('lists what waits for approval: a signal it is', async () => {
    const { signals } = await call(
      'get_recent_signals',
      {},
      { activeSignals: async () => [row('p', { pending: true })] },
    );
    expect(ids(signals)).toEqual(['p']);
  });
});

describe('get_signal_details', () => {
  const history = (pages: WireSignal[][], totalPages = pages.length) =>
    jest.fn<UserUpstream['signalHistory']>(async ({ page: n }) => page(pages[n - 1] ?? [], totalPages));

  it('finds a live signal without reading the history', async () => {
    const signalHistory = history([]);
    expect(await call('get_signal_details', { signal_id: 'sig_1' }, { signalHistory })).toMatchObject({
      status: 'live',
    });
    expect(signalHistory).not.toHaveBeenCalled();
  });

  it('looks through pages of 50 until it finds the signal', async () => {
    const signalHistory = history([[row('a')], [row('b', { active: false })], [row('c')]]);
    const found = await call('get_signal_details', { signal_id: 'b' }, { signalHistory });
    expect(found).toMatchObject({ signal_id: 'b', status: 'filled', realized_pnl_pct: 0.015 });
    expect(signalHistory.mock.calls.map(([query]) => query)).toEqual([
      { page: 1, limit: 50 },
      { page: 2, limit: 50 },
    ]);
  });

  it.each([
    [3, 10, 'three pages at most'],
    [2, 2, 'no page that is not there'],
    [1, 0, 'one page even when there is none'],
  ])('reads %d of %d pages: %s', async (reads, totalPages) => {
    const signalHistory = history([[], [], [], [row('old')]], totalPages);
    const unknown = call('get_signal_details', { signal_id: 'old' }, { signalHistory });
    await expect(unknown).rejects.toMatchObject({ code: 'signal_not_found' });
    expect(signalHistory).toHaveBeenCalledTimes(reads);
  });

  it('finds a row with a malformed id by the alias it was listed under', async () => {
    const activeSignals = async () => [row('bad id\u200b')];
    const alias = publicId('bad id\u200b');
    expect(await call('get_signal_details', { signal_id: alias }, { activeSignals })).toMatchObject({
      signal_id: alias,
    });
  });
});

describe('get_positions', () => {
  const open = [row('open_1'), row('waiting', { pending: true }), row('event', { signalType: 'partial_close' })];
  const closed = [row('closed_1', { active: false }), row('closed_2', { active: false })];

  it('lists open ones before closed ones, without events and what waits for approval', async () => {
    const tradeHistory = jest.fn<UserUpstream['tradeHistory']>(async () => page(closed));
    const { positions } = await call('get_positions', { limit: 2 }, { activeTrades: async () => open, tradeHistory });
    expect(ids(positions)).toEqual(['open_1', 'closed_1']);
    expect(tradeHistory).toHaveBeenCalledWith({ page: 1, limit: 2 });
  });

  it.each([
    ['open', 'tradeHistory', ['open_1']],
    ['closed', 'activeTrades', ['closed_1', 'closed_2']],
  ] as const)('status %s does not read %s', async (status, unread, expected) => {
    const untouched = jest.fn<() => Promise<never>>();
    const upstream = { activeTrades: async () => open, tradeHistory: async () => page(closed), [unread]: untouched };
    const { positions } = await call('get_positions', { status }, upstream);
    expect(ids(positions)).toEqual(expected);
    expect(untouched).not.toHaveBeenCalled();
  });

  it('is no cut before the filter: events do not count towards the limit', async () => {
    const activeTrades = async () => [
      row('event', { signalType: 'close' }),
      row('waiting', { pending: true }),
      row('open'),
    ];
    const { positions } = await call('get_positions', { limit: 1, status: 'open' }, { activeTrades });
    expect(ids(positions)).toEqual(['open']);
  });
});
