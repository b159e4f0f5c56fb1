import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import type { Chart, SignalRow } from '../../src/sandbox/wire-records.js';
import { startHarness, type Harness } from './sandbox-client.js';

const TODAY = '2026-07-30';
const NOW = `${TODAY}T15:00:00.000Z`;
const ETH = 'sig_2026060402';
const BTC = 'pos_2026060401';

describe('writes to the sandbox', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({ now: () => new Date(NOW) });
  });
  afterEach(() => harness.sandbox.stop());

  const today = async () => {
    const chart = await harness.get<Chart>('/trade/user/chart');
    return { count: chart.positions.at(-1)?.count ?? NaN, pnl: chart.pnl.at(-1)?.pnl ?? NaN, days: chart.pnl.length };
  };
  const refused = async (path: string, status: number, message: string, user?: string) => {
    const before = harness.sandbox.control.data(DEMO_USER.id);
    const journal = harness.sandbox.control.journal();
    const response = await harness.call('PUT', path, { user });
    expect([path, response.status]).toEqual([path, status]);
    expect(await response.json()).toMatchObject({ statusCode: status, message: expect.stringContaining(message) });
    expect(harness.sandbox.control.data(DEMO_USER.id)).toEqual(before);
    expect(harness.sandbox.control.journal()).toEqual(journal);
  };

  it('refuses to approve what does not wait', async () => {
    await refused('/trade/approve/sig_unknown', 404, 'No signal sig_unknown is waiting');
    await refused(`/trade/approve/${BTC}`, 404, 'waiting');
    await refused(`/trade/approve/${BTC}_partial_close`, 404, 'waiting');
    await refused('/trade/approve/sig_2026060403', 404, 'waiting');
    await refused(`/trade/approve/${ETH}`, 404, 'waiting', SECOND_DEMO_USER.id);
  });

  it('refuses to close what is not open', async () => {
    await refused('/trade/close/pos_unknown', 404, 'No open position');
    await refused(`/trade/close/${ETH}`, 404, 'No open position');
    await refused(`/trade/close/${BTC}_partial_close`, 404, 'No open position');
    await refused('/trade/close/sig_2026060401', 404, 'No open position');
    await refused('/trade/close/pos_2026060301', 404, 'No open position');
    await refused(`/trade/close/${BTC}`, 404, 'No open position', SECOND_DEMO_USER.id);
  });

  it('approves: empty 200, an open position, counted today, in the journal, only once', async () => {
    const before = await today();
    const response = await harness.call('PUT', `/trade/approve/${ETH}`, { key: 'k', body: '{}' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', '']);
    const rows = await harness.get('/trade/active');
    expect(rows.filter(({ pending }) => pending)).toEqual([]);
    expect(rows.find(({ id }) => id === ETH)).toMatchObject({ active: true, pending: false, updatedAt: NOW });
    expect(await today()).toEqual({ ...before, count: before.count + 1 });
    expect(harness.sandbox.control.journal()).toEqual([
      { seq: 1, at: NOW, user: DEMO_USER.id, action: 'approve', id: ETH, idempotency_key: 'k' },
    ]);
    await refused(`/trade/approve/${ETH}`, 409, 'approved already');
    expect((await harness.call('PUT', `/trade/close/${ETH}`)).status).toBe(200);
    await refused(`/trade/approve/${ETH}`, 409, 'approved already');
  });

  it('closes: moves the row and its events to the history, the result into the chart, only once', async () => {
    const before = await today();
    const row = (await harness.get('/trade/active')).find(({ id }) => id === BTC)!;
    expect((await harness.call('PUT', `/trade/close/${BTC}`)).status).toBe(200);
    const left = await harness.get('/trade/active');
    expect(left.map(({ id }) => id)).toEqual([ETH, 'pos_2026060402']);
    const { items } = await harness.get<{ items: SignalRow[] }>('/trade/history?limit=2');
    expect(items).toMatchObject([
      { id: `${BTC}_partial_close`, active: false, openSignalId: row.openSignalId },
      { id: BTC, active: false, updatedAt: NOW, profit: row.profit, positionCurrentPrice: row.positionCurrentPrice },
    ]);
    const result = (row.quantity * row.price * row.profit) / 100;
    expect(result).toBeGreaterThan(0.1);
    expect((await today()).pnl).toBeCloseTo(before.pnl + result, 1);
    expect((await today()).count).toBe(before.count);
    await refused(`/trade/close/${BTC}`, 404, 'No open position');
  });

  it('starts a new chart day when the day has changed', async () => {
    let now = new Date('2026-07-30T23:59:00Z');
    const other = await startHarness({ now: () => now });
    now = new Date('2026-07-31T00:01:00Z');
    await other.call('PUT', '/trade/close/pos_2026060402');
    const { pnl } = await other.get<Chart>('/trade/user/chart');
    await other.sandbox.stop();
    expect([pnl.length, pnl.at(-1)]).toEqual([366, { date: '2026-07-31', pnl: 0.48 }]);
  });

  it('opens at most 5 positions; what waits does not count', async () => {
    const template = (await harness.get('/trade/active')).find(({ id }) => id === BTC)!;
    const waiting = (await harness.get('/trade/active')).find(({ id }) => id === ETH)!;
    const copy = (row: SignalRow, id: string) => ({ ...row, id, openSignalId: null });
    const open = [1, 2, 3, 4].map((index) => copy(template, `pos_${index}`));
    const trades = [...open, waiting, copy(waiting, 'sig_second')];
    await harness.steer('PUT', `/users/${DEMO_USER.id}/data`, { trades });
    expect((await harness.call('PUT', `/trade/approve/${ETH}`)).status).toBe(200);
    await refused('/trade/approve/sig_second', 422, 'at most 5 positions');
    expect((await harness.call('PUT', '/trade/close/pos_1')).status).toBe(200);
    expect((await harness.call('PUT', '/trade/approve/sig_second')).status).toBe(200);
  });

  it('opens nothing from a drawdown of 30%, and still closes', async () => {
    await harness.steer('POST', '/settings', { drawdown_pct: 30 });
    await refused(`/trade/approve/${ETH}`, 422, 'circuit breaker');
    expect((await harness.call('PUT', '/trade/close/pos_2026060402')).status).toBe(200);
    await harness.steer('POST', '/settings', { drawdown_pct: 29.9 });
    expect((await harness.call('PUT', `/trade/approve/${ETH}`)).status).toBe(200);
  });

  it('moves prices: profit follows, what waits keeps its size, other symbols stay', async () => {
    const answer = await harness.steer('POST', '/price', { symbol: 'BTC-USDT', price: 60_678.45 });
    expect(await answer.json()).toEqual({ updated: 2 });
    await harness.steer('POST', '/price', { symbol: 'SOLUSDT', price: 167.64 });
    await harness.steer('POST', '/price', { symbol: 'ETHUSDT', price: 3500 });
    const rows = await harness.get('/trade/active');
    const row = (id: string) => rows.find((candidate) => candidate.id === id)!;
    expect(row(BTC)).toMatchObject({ price: 67_420.5, positionCurrentPrice: 60_678.45, profit: -10 });
    expect(row('pos_2026060402')).toMatchObject({ price: 152.4, positionCurrentPrice: 167.64, profit: -10 });
    expect(row(ETH)).toMatchObject({ price: 3500, profit: 0, pending: true });
    expect(row(ETH).quantity * 3500).toBeCloseTo(100, 3);
    const signal = (await harness.get('/signal/active')).find(({ id }) => id === ETH);
    expect(signal).toMatchObject({ price: 3421.8, positionCurrentPrice: 3500 });
  });

  it('sends no `pending` when told so, and behaves the same', async () => {
    await harness.steer('POST', '/settings', { send_pending: false });
    const texts = await Promise.all(
      ['/trade/active', '/trade/history', '/signal/active'].map(async (path) =>
        (await harness.call('GET', path)).text(),
      ),
    );
    expect(texts.join()).not.toContain('"pending"');
    expect((await harness.get('/trade/active')).map(({ id }) => id)).toContain(ETH);
    await refused(`/trade/approve/${BTC}`, 404, 'waiting');
    await refused(`/trade/close/${ETH}`, 404, 'No open position');
    expect((await harness.call('PUT', `/trade/approve/${ETH}`)).status).toBe(200);
    await refused(`/trade/approve/${ETH}`, 409, 'approved already');
  });
});
