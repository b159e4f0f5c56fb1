import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SECOND_DEMO_USER } from '../../src/config/demo.js';
import { startHarness, type Harness } from './sandbox-client.js';

const BTC = '/trade/close/pos_2026060401';
const SOL = '/trade/close/pos_2026060402';

describe('Idempotency-Key', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.sandbox.stop());
  const put = async (path: string, key?: string, user?: string) =>
    (await harness.call('PUT', path, { key, user })).status;
  const effects = () => harness.sandbox.control.journal().map(({ id }) => id);

  it('without a key, or without dedupe, a repeated close is told that there is nothing to close', async () => {
    expect([await put(BTC), await put(BTC)]).toEqual([200, 404]);
    await harness.steer('POST', '/settings', { dedupe: false });
    expect([await put(SOL, 'k'), await put(SOL, 'k')]).toEqual([200, 404]);
    expect(effects()).toHaveLength(2);
  });

  it('answers a repeated key with the first answer and applies nothing', async () => {
    expect([await put(BTC, 'k'), await put(BTC, 'k')]).toEqual([200, 200]);
    expect(effects()).toEqual(['pos_2026060401']);
    const { writes } = harness.sandbox.control.requests.snapshot();
    expect(writes.map(({ applied, replayed, status }) => [applied, replayed, status])).toEqual([
      [true, false, 200],
      [false, true, 200],
    ]);
  });

  it('remembers refusals as well', async () => {
    await harness.steer('POST', '/settings', { drawdown_pct: 50 });
    expect(await put('/trade/approve/sig_2026060402', 'k')).toBe(422);
    await harness.steer('POST', '/settings', { drawdown_pct: 0 });
    expect(await put('/trade/approve/sig_2026060402', 'k')).toBe(422);
    expect(await put('/trade/approve/sig_2026060402', 'another')).toBe(200);
  });

  it('refuses a key that was used for another request', async () => {
    expect([await put(BTC, 'k'), await put(SOL, 'k')]).toEqual([200, 422]);
    expect(effects()).toEqual(['pos_2026060401']);
  });

  it('keeps the keys of users apart', async () => {
    expect(await put(BTC, 'k')).toBe(200);
    expect(await put('/trade/close/pos_2026060311', 'k', SECOND_DEMO_USER.id)).toBe(200);
    expect(effects()).toEqual(['pos_2026060401', 'pos_2026060311']);
  });

  it('applies once when the same key arrives many times at once', async () => {
    harness.sandbox.control.fault({ kind: 'delay', delay_ms: 30, method: 'PUT' });
    const statuses = await Promise.all(Array.from({ length: 25 }, () => put(BTC, 'k')));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(effects()).toEqual(['pos_2026060401']);
    expect(harness.sandbox.control.requests.snapshot().counts.writes).toBe(25);
  });

  it('answers from memory after an answer that never arrived', async () => {
    harness.sandbox.control.fault({ kind: 'drop_after', method: 'PUT', times: 1 });
    await expect(put(BTC, 'k')).rejects.toThrow('fetch failed');
    expect(effects()).toEqual(['pos_2026060401']);
    expect(await put(BTC, 'k')).toBe(200);
    expect(effects()).toEqual(['pos_2026060401']);
  });
});
