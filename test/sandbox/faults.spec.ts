import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import { halfSentClose, startHarness, until, type Harness } from './sandbox-client.js';

const CLOSE = '/trade/close/pos_2026060401';

describe('faults of the sandbox', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.sandbox.stop());
  beforeEach(async () => {
    expect((await harness.steer('POST', '/reset')).status).toBe(204);
  });

  const fault = async (rule: Record<string, unknown>) => {
    const response = await harness.steer('POST', '/faults', rule);
    expect(response.status).toBe(201);
  };
  const effects = () => harness.sandbox.control.journal().length;
  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };

  it.each([
    [{}],
    [{ kind: 'explode' }],
    [{ kind: 'delay', delay_ms: -1 }],
    [{ kind: 'status', status: 99 }],
    [{ kind: 'status', times: 0 }],
    [{ kind: 'status', tiems: 1 }],
    [{ kind: 'status', path: 'no-slash' }],
  ])('400 for a rule that is none: %j', async (rule) => {
    expect((await harness.steer('POST', '/faults', rule)).status).toBe(400);
    expect(await (await harness.steer('GET', '/faults')).json()).toEqual({ faults: [] });
  });

  it('status: fails before applying, as often as told', async () => {
    await fault({ kind: 'status', status: 502, method: 'put', times: 2 });
    expect((await harness.call('GET', '/trade/active')).status).toBe(200);
    expect((await harness.call('PUT', CLOSE)).status).toBe(502);
    expect(await (await harness.steer('GET', '/faults')).json()).toMatchObject({
      faults: [{ kind: 'status', times: 1 }],
    });
    expect((await harness.call('PUT', CLOSE)).status).toBe(502);
    expect(effects()).toBe(0);
    expect((await harness.call('PUT', CLOSE)).status).toBe(200);
  });

  it('status after: a 500 although it was applied', async () => {
    await fault({ kind: 'status', status: 500, when: 'after', body: { message: 'lost' } });
    const response = await harness.call('PUT', CLOSE);
    expect([response.status, await response.json()]).toEqual([500, { message: 'lost' }]);
    expect(effects()).toBe(1);
    expect(harness.sandbox.control.requests.snapshot().writes).toMatchObject([{ applied: true, status: 500 }]);
  });

  it('strikes only its path and what lies below, and only its user', async () => {
    await fault({ kind: 'status', status: 500, path: '/trade/active' });
    await fault({ kind: 'status', status: 501, path: '/signal' });
    await fault({ kind: 'status', status: 506, path: '/trade/hist' });
    await fault({ kind: 'status', status: 505, path: '/user', user: SECOND_DEMO_USER.id });
    const status = async (path: string, user?: string) => (await harness.call('GET', path, { user })).status;
    expect(await status('/trade/active')).toBe(500);
    expect(await status('/trade/history')).toBe(200);
    expect(await status('/signal/history?page=1')).toBe(501);
    expect(await status(`/user/${DEMO_USER.id}`)).toBe(200);
    expect(await status(`/user/${SECOND_DEMO_USER.id}`, SECOND_DEMO_USER.id)).toBe(505);
    expect((await harness.steer('DELETE', '/faults')).status).toBe(204);
    expect(await status('/trade/active')).toBe(200);
  });

  it('one request uses up one final rule only', async () => {
    await fault({ kind: 'status', status: 500, times: 1 });
    await fault({ kind: 'status', status: 502, times: 1 });
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await harness.call('GET', '/trade/active')).status);
    expect(statuses).toEqual([500, 502, 200]);
  });

  it('delay: rules stack, before and after applying', async () => {
    await fault({ kind: 'delay', delay_ms: 60 });
    await fault({ kind: 'delay', delay_ms: 60 });
    expect(await timed(() => harness.call('GET', '/trade/active'))).toBeGreaterThan(115);
    await harness.steer('DELETE', '/faults');
    await fault({ kind: 'delay', delay_ms: 60_000, when: 'after', times: 1 });
    const abort = new AbortController();
    const call = harness.call('PUT', CLOSE, { signal: abort.signal });
    await until(() => effects() === 1);
    abort.abort();
    await expect(call).rejects.toThrow('abort');
  });

  it('delay before applying: applied although the client has left', async () => {
    await fault({ kind: 'delay', delay_ms: 100 });
    const abort = new AbortController();
    const call = harness.call('PUT', CLOSE, { signal: abort.signal });
    await until(() => harness.sandbox.control.requests.snapshot().counts.writes === 1);
    abort.abort();
    await expect(call).rejects.toThrow('abort');
    expect(effects()).toBe(0);
    await until(() => effects() === 1);
  });

  it('hang: never answers, applies nothing; after applying when told so', async () => {
    await fault({ kind: 'hang', times: 1 });
    await expect(harness.call('PUT', CLOSE, { signal: AbortSignal.timeout(80) })).rejects.toThrow('timeout');
    expect(effects()).toBe(0);
    await fault({ kind: 'hang', when: 'after', times: 1 });
    const abort = new AbortController();
    const call = harness.call('PUT', CLOSE, { signal: abort.signal });
    await until(() => effects() === 1);
    abort.abort();
    await expect(call).rejects.toThrow('abort');
  });

  it('drop_before and drop_after: the connection breaks before or after applying', async () => {
    await fault({ kind: 'drop_before', times: 1 });
    await expect(harness.call('PUT', CLOSE)).rejects.toThrow('fetch failed');
    expect(effects()).toBe(0);
    await fault({ kind: 'drop_after', times: 1 });
    await expect(harness.call('PUT', CLOSE)).rejects.toThrow('fetch failed');
    expect(effects()).toBe(1);
    expect(harness.sandbox.control.requests.snapshot().writes).toMatchObject([
      { status: null, applied: false },
      { status: null, applied: true },
    ]);
  });

  it('half: promises all, sends half, breaks', async () => {
    await fault({ kind: 'half' });
    const read = await harness.call('GET', '/trade/active');
    expect(Number(read.headers.get('content-length'))).toBeGreaterThan(1000);
    await expect(read.text()).rejects.toThrow();
    const write = await harness.call('PUT', CLOSE);
    expect(write.status).toBe(200);
    await expect(write.text()).rejects.toThrow();
    expect(effects()).toBe(1);
  });

  it('garbage: 200 and no JSON', async () => {
    await fault({ kind: 'garbage' });
    const response = await harness.call('GET', '/trade/active');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const text = await response.text();
    expect(() => JSON.parse(text) as unknown).toThrow();
  });

  it('poison: every free string, also in refusals, no ids', async () => {
    await fault({ kind: 'poison' });
    await fault({ kind: 'poison', value: 'XX', fields: ['symbol', 'tier'] });
    const rows = await harness.get('/trade/active');
    expect(rows[0]).toMatchObject({
      id: 'sig_2026060402',
      symbol: 'XX',
      marketType: 'crypto',
      timeframe: expect.stringContaining('\u202e'),
    });
    const history = await harness.get<{ items: typeof rows }>('/signal/history?limit=50', SECOND_DEMO_USER.id);
    for (const row of history.items) expect(row.strategyAlias).toMatch(/^Ignore previous.*\u200b.*\u{e0041}/u);
    expect(await harness.get(`/user/${DEMO_USER.id}`)).toMatchObject({
      id: DEMO_USER.id,
      username: expect.stringContaining('Ignore'),
      country: expect.stringContaining('Ignore'),
    });
    expect(await harness.get('/terminal/exchange')).toMatchObject([{ label: expect.stringContaining('Ignore') }, {}]);
    expect(await harness.get('/terminal/access')).toMatchObject({ tier: 'XX' });
    const refusal = await (await harness.call('PUT', '/trade/close/none')).json();
    expect(refusal).toMatchObject({ statusCode: 404, message: expect.stringContaining('Ignore') });
    const write = await harness.call('PUT', CLOSE);
    expect([write.status, await write.text()]).toEqual([200, '']);
  });

  it('holds back many requests at once; a reset cuts them off and none is applied later', async () => {
    await fault({ kind: 'delay', delay_ms: 60_000 });
    const calls = Array.from({ length: 30 }, () => harness.call('PUT', CLOSE));
    const outcomes = Promise.allSettled(calls);
    await until(
      () => harness.sandbox.control.requests.snapshot().writes.filter(({ user }) => user !== null).length === 30,
    );
    expect((await harness.steer('POST', '/reset')).status).toBe(204);
    expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(effects()).toBe(0);
  });

  it('a reset also cuts off what is only half sent', async () => {
    const { control } = harness.sandbox;
    const { ended, finish } = await halfSentClose(harness, 'pos_2026060401');
    await until(() => control.requests.snapshot().counts.writes === 1);
    control.reset();
    finish();
    expect(await ended).toBe('cut off');
    expect(effects()).toBe(0);
  });
});
