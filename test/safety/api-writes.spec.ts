import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../src/auth/principal.js';
import { SECOND_DEMO_USER } from '../../src/config/demo.js';
import { AppError } from '../../src/errors/app-error.js';
import type { WriteOutcome } from '../../src/safety/write-call.js';
import { BTC, ETH, Fleet, type Instance } from './support/fleet.js';
import { person } from '../support/person.js';

const POSITION = BTC.position_id;

let fleet: Fleet;
let instance: Instance;
let principal: Principal;

beforeAll(async () => {
  fleet = await Fleet.start();
});
beforeEach(async () => {
  await fleet.reset();
  instance = fleet.instance();
  principal = await fleet.principal();
});
afterAll(() => fleet.stop());

const origin = (who: Principal) => ({
  principal: who,
  transport: 'api',
  operation: 'PUT /api/trade/close/{id}',
  requestId: randomUUID(),
  startedAt: performance.now(),
});

interface Write {
  who?: Principal;
  action?: 'approve' | 'close';
  id?: string;
  key?: string | undefined;
  on?: Instance;
}

/** `ok`, or the code of the failure, thrown or returned. */
async function write({ who = principal, action = 'close', id = POSITION, on = instance, ...rest }: Write = {}) {
  const key = 'key' in rest ? rest.key : randomUUID();
  try {
    const outcome: WriteOutcome = await on.api.commitApiWrite(action, id, key, origin(who));
    return outcome.kind === 'failed' ? outcome.error.code : outcome.kind;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('a write at /api', () => {
  it('needs an Idempotency-Key', async () => {
    await instance.api.recordReads(principal, [POSITION]);
    for (const key of [undefined, '', '  ']) expect(await write({ key })).toBe('idempotency_key_required');
    expect(fleet.puts()).toEqual([]);
  });

  it.each([
    ['no read at all', async () => undefined],
    ['a read of another trade', async () => instance.api.recordReads(principal, ['pos_2026060402'])],
    ['a read of another credential', async () => instance.api.recordReads(await fleet.principal(), [POSITION])],
    [
      'a read five minutes ago',
      async () => {
        await instance.api.recordReads(principal, [POSITION]);
        await fleet.rows(`UPDATE trade_reads SET read_at = now() - interval '5 minutes'`);
      },
    ],
    [
      'a read by a credential that could not write then',
      async () => instance.api.recordReads({ ...principal, scopes: new Set(['read:positions']) }, [POSITION]),
    ],
  ])('is refused after %s', async (_, before) => {
    await before();
    expect(await write()).toBe('trade_not_read');
    expect(fleet.puts()).toEqual([]);
    expect(await fleet.commits()).toEqual([]);
  });

  it('goes through the same ledger once it was read, the read on another instance, and only once', async () => {
    await fleet.instance().api.recordReads(principal, [POSITION, POSITION, 'other']);
    const codes = await Promise.all(Array.from({ length: 8 }, () => write()));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(fleet.puts()).toHaveLength(1);
    expect(await fleet.commits()).toMatchObject([{ status: 'succeeded', source: 'api', target_id: POSITION }]);
    expect(await fleet.rows('SELECT outcome FROM audit_events ORDER BY id')).toEqual([
      { outcome: 'intent' },
      { outcome: 'ok' },
    ]);
  });

  it('repeated with its key tells what became of the first, and sends nothing', async () => {
    await instance.api.recordReads(principal, [POSITION, ETH.signal_id]);
    expect(await write({ key: 'k' })).toBe('done');
    expect(await write({ key: 'k', on: fleet.instance() })).toBe('done');
    expect(await write({ key: 'k', id: 'pos_2026060402' })).toBe('idempotency_key_reused');
    expect(await write({ key: 'k', action: 'approve', id: ETH.signal_id })).toBe('idempotency_key_reused');
    expect(fleet.puts()).toHaveLength(1);
  });

  it('keeps the same key of two credentials apart', async () => {
    const other = await fleet.principal({ userId: SECOND_DEMO_USER.id });
    await instance.api.recordReads(principal, [POSITION]);
    await instance.api.recordReads(other, ['pos_2026060311']);
    expect(await write({ key: 'k' })).toBe('done');
    expect(await write({ key: 'k', who: other, id: 'pos_2026060311' })).toBe('done');
  });

  it('of the site session needs its own read, and is frozen with the rest', async () => {
    const session: Principal = { ...principal, kind: 'session', credentialId: 'session' };
    await instance.api.recordReads(session, [POSITION]);
    await instance.freeze.freeze(person(principal.userId));
    expect(await write({ who: session })).toBe('account_frozen');
    await instance.freeze.resume(person(principal.userId));
    expect(await write({ who: session })).toBe('done');
  });

  it('respects cap, confirmation policy and freeze, and uses up no read', async () => {
    const capped = await fleet.principal({ maxTradeUsdt: 1 });
    const watched = await fleet.principal({ writePolicy: 'human_required' });
    for (const who of [capped, watched]) await instance.api.recordReads(who, [ETH.signal_id]);
    expect(await write({ who: capped, action: 'approve', id: ETH.signal_id })).toBe('cap_exceeded');
    expect(await write({ who: watched, action: 'approve', id: ETH.signal_id })).toBe('confirmation_required');
    expect(fleet.puts()).toEqual([]);
    expect(await fleet.rows('SELECT 1 FROM trade_reads WHERE used_at IS NOT NULL')).toEqual([]);
  });

  it('with an unknown outcome is looked up like any other', async () => {
    await instance.api.recordReads(principal, [ETH.signal_id]);
    fleet.sandbox.control.fault({ method: 'PUT', kind: 'drop_after' });
    expect(await write({ action: 'approve', id: ETH.signal_id, key: 'k' })).toBe('commit_unknown');
    expect(await write({ action: 'approve', id: ETH.signal_id, key: 'k' })).toBe('commit_unknown');
    await fleet.settle();
    await instance.reconciler.reconcile();
    expect(await write({ action: 'approve', id: ETH.signal_id, key: 'k' })).toBe('done');
    expect(fleet.puts()).toHaveLength(1);
  });
});
