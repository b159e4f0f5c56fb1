import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import { startSandbox } from '../../src/sandbox/start-sandbox.js';
import { halfSentClose, SECRET, startHarness, until, type Harness } from './sandbox-client.js';

const DATA = `/users/${DEMO_USER.id}/data`;

describe('the control routes of the sandbox', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.sandbox.stop());
  const status = async (method: string, path: string, body?: unknown) =>
    (await harness.steer(method, path, body)).status;

  it('refuse what they do not know', async () => {
    expect(await status('GET', '/nothing')).toBe(404);
    expect(await status('PUT', '/journal')).toBe(404);
    expect(await status('GET', '/constructor')).toBe(404);
    expect(await status('POST', '/settings', { dedup: false })).toBe(400);
    expect(await status('POST', '/price', { symbol: 'BTCUSDT', price: 0 })).toBe(400);
    expect(await status('POST', `/users/${DEMO_USER.id}`, {})).toBe(400);
    expect(await status('POST', '/users/usr_nobody', { enabled: false })).toBe(404);
    expect(await status('GET', '/users/usr_nobody/data')).toBe(404);
    expect(await status('POST', '/users/%', { enabled: false })).toBe(400);
    const broken = await fetch(`${harness.sandbox.controlUrl}/settings`, { method: 'POST', body: '{' });
    expect(broken.status).toBe(400);
  });

  it('are not part of pwa-be', async () => {
    expect((await harness.call('GET', '/__sandbox/journal')).status).toBe(404);
    expect((await fetch(harness.sandbox.baseUrl.replace('/api', '/journal'))).status).toBe(404);
    expect((await fetch(harness.sandbox.baseUrl.replace('/api', '/'))).status).toBe(404);
  });

  it('refuse data of another shape and keep what was there', async () => {
    const before = harness.sandbox.control.data(DEMO_USER.id);
    expect(await status('PUT', DATA, { trades: [{ id: 'x' }] })).toBe(400);
    expect(await status('PUT', DATA, { unknown: [] })).toBe(400);
    expect(await status('PUT', DATA, [])).toBe(400);
    expect(await status('PUT', '/users/usr_nobody/data', { stakes: [] })).toBe(404);
    expect(harness.sandbox.control.data(DEMO_USER.id)).toEqual(before);
  });

  it('413 for a body beyond the limit, on both sides', async () => {
    const large = 'x'.repeat(65 * 1024);
    expect((await harness.call('PUT', '/trade/close/pos_2026060401', { body: large })).status).toBe(413);
    expect(harness.sandbox.control.journal()).toEqual([]);
    expect(await status('PUT', DATA, 'x'.repeat(17 * 1024 * 1024))).toBe(413);
  });

  it('replace parts of the data, further fields included, for one user only', async () => {
    const rows = await harness.get('/trade/active');
    const trades = [{ ...rows[0]!, secretSauce: 'yes' }];
    expect(await status('PUT', DATA, { trades, stakes: [], chart: { positions: [], pnl: [] } })).toBe(200);
    expect(await harness.get('/trade/active')).toEqual(trades);
    expect(await harness.get('/staking/client')).toEqual([]);
    expect(await harness.get('/trade/user/chart')).toEqual({ positions: [], pnl: [] });
    expect(await harness.get('/referral/stats')).toMatchObject({ directReferrals: 3 });
    expect(await harness.get('/trade/active', SECOND_DEMO_USER.id)).toHaveLength(2);
    expect((await harness.call('PUT', '/trade/approve/sig_2026060402')).status).toBe(200);
    expect(await harness.get('/trade/user/chart')).toMatchObject({ positions: [{ count: 1 }], pnl: [{ pnl: 0 }] });
    expect(await status('PUT', DATA, { trades })).toBe(200);
    expect((await harness.call('PUT', '/trade/approve/sig_2026060402')).status).toBe(200);
  });

  it('copy a user, who then goes on alone, until a reset', async () => {
    const copies = `/users/${DEMO_USER.id}/copies`;
    expect(await status('POST', '/users/usr_nobody/copies', { as: 'usr_copy' })).toBe(409);
    expect(await status('POST', copies, { as: SECOND_DEMO_USER.id })).toBe(409);
    expect(await status('POST', copies, { as: '../x' })).toBe(400);
    expect(await status('POST', copies, { as: 'usr_copy' })).toBe(201);
    expect(await harness.get('/trade/active', 'usr_copy')).toEqual(await harness.get('/trade/active'));
    expect(await harness.get('/user/usr_copy', 'usr_copy')).toMatchObject({ id: 'usr_copy' });
    await harness.steer('PUT', '/users/usr_copy/data', { trades: [] });
    expect(await harness.get('/trade/active', 'usr_copy')).toEqual([]);
    expect(await harness.get('/trade/active')).not.toEqual([]);
    expect(await status('POST', '/reset')).toBe(204);
    expect((await harness.call('GET', '/trade/active', { user: 'usr_copy' })).status).toBe(404);
  });

  it('reset brings everything back', async () => {
    const initial = harness.sandbox.control.data(DEMO_USER.id);
    const settings = await (await harness.steer('GET', '/settings')).json();
    await harness.steer('POST', '/settings', { dedupe: false, send_pending: false, drawdown_pct: 10 });
    await harness.steer('POST', '/price', { symbol: 'BTCUSDT', price: 1 });
    await harness.call('PUT', '/trade/close/pos_2026060401', { key: 'k' });
    await harness.steer('POST', `/users/${DEMO_USER.id}`, { enabled: false });
    await harness.steer('POST', '/faults', { kind: 'hang' });
    expect(await status('POST', '/reset')).toBe(204);
    expect(harness.sandbox.control.data(DEMO_USER.id)).toEqual(initial);
    expect(await (await harness.steer('GET', '/settings')).json()).toEqual(settings);
    expect(await (await harness.steer('GET', '/journal')).json()).toEqual({ entries: [], total: 0 });
    expect(await (await harness.steer('GET', '/faults')).json()).toEqual({ faults: [] });
    expect(await (await harness.steer('GET', '/requests')).json()).toMatchObject({ counts: { writes: 0, reads: 0 } });
    expect((await harness.call('PUT', '/trade/close/pos_2026060401', { key: 'k' })).status).toBe(200);
    expect(harness.sandbox.control.journal()).toHaveLength(1);
  });

  it('a used port is an error, a stopped sandbox frees it, stopping twice is fine', async () => {
    const { port } = harness.sandbox;
    await expect(startSandbox({ port, jwtSecret: SECRET })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    harness.sandbox.control.fault({ kind: 'hang' });
    const hanging = expect(harness.call('GET', '/trade/active')).rejects.toThrow('fetch failed');
    const halfSent = await halfSentClose(harness, 'pos_2026060401');
    const { requests } = harness.sandbox.control;
    await until(() => requests.snapshot().counts.reads + requests.snapshot().counts.writes === 2);
    await harness.sandbox.stop();
    await harness.sandbox.stop();
    await hanging;
    expect(await halfSent.ended).toBe('cut off');
    const again = await startSandbox({
      port,
      jwtSecret: SECRET,
      dedupe: false,
      sendPending: false,
      risk: { drawdownPct: 5 },
    });
    expect(again.baseUrl).toBe(`http://127.0.0.1:${port}/api`);
    expect(again.control.settings()).toMatchObject({ dedupe: false, send_pending: false, drawdown_pct: 5 });
    await again.stop();
  });
});
