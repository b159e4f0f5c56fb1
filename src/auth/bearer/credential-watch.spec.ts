import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Notifications } from '../../database/notifications.js';
import type { PrismaService } from '../../database/prisma.service.js';
import type { Principal } from '../principal.js';
import { type CredentialEnd, CredentialWatch } from './credential-watch.js';
import { TokenCache } from './token-cache.js';

const DAY_MS = 86_400_000;

describe('CredentialWatch', () => {
  let live: string[];
  let databaseFails: Error | undefined;
  let evict: (payload: string) => void;
  let reset: () => void;
  let cache: TokenCache;
  let watches: CredentialWatch;
  const warn = jest.fn();

  beforeEach(() => {
    jest.useFakeTimers();
    live = ['a', 'b'];
    databaseFails = undefined;
    const notifications = {
      subscribe: (_channel: string, handler: (payload: string) => void) => (evict = handler),
      onReset: (handler: () => void) => (reset = handler),
      trusted: () => true,
    };
    cache = new TokenCache(notifications as unknown as Notifications);
    const query = async () => {
      if (databaseFails !== undefined) throw databaseFails;
      return live.map((id) => ({ id }));
    };
    watches = new CredentialWatch(cache, { $queryRaw: query } as unknown as PrismaService, { warn });
  });
  afterEach(() => {
    watches.onApplicationShutdown();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  function verified(credentialId: string, userId = 'usr_1', expiresAt?: number): Principal {
    const principal = { credentialId, userId } as unknown as Principal;
    const token = { principal, expiresAt, tags: [`pat:${credentialId}`, `user:${userId}`] };
    cache.store(`key of ${credentialId}`, token, cache.generation);
    return principal;
  }
  async function watch(principal: Principal) {
    const ends: CredentialEnd[] = [];
    const unwatch = await watches.watch(principal, (why) => ends.push(why));
    return { ends, unwatch };
  }

  it('tells of a revocation once, and only those whose credential it is', async () => {
    const [a, again, b] = [await watch(verified('a')), await watch(verified('a')), await watch(verified('b'))];
    evict('pat:a');
    evict('pat:a');
    expect([a.ends, again.ends, b.ends]).toEqual([['token_revoked'], ['token_revoked'], []]);
  });

  it("tells of the end of all of a user's credentials", async () => {
    const [a, b] = [await watch(verified('a', 'usr_1')), await watch(verified('b', 'usr_2'))];
    evict('user:usr_1');
    expect([a.ends, b.ends]).toEqual([['token_revoked'], []]);
  });

  it('tells nobody who no longer wants to know', async () => {
    const { ends, unwatch } = await watch(verified('a', 'usr_1', Date.now() + 1_000));
    unwatch();
    evict('pat:a');
    await jest.advanceTimersByTimeAsync(2_000);
    expect(ends).toEqual([]);
  });

  it('does not begin when the credential ended between its verification and now', async () => {
    const principal = verified('a');
    live = ['b'];
    await expect(watch(principal)).rejects.toMatchObject({ code: 'token_revoked' });
    databaseFails = new Error('away');
    await expect(watch(verified('b'))).rejects.toThrow('away');
  });

  it('refuses a principal that came without a bearer token', async () => {
    await expect(watch({ credentialId: 'session' } as unknown as Principal)).rejects.toThrow(/bearer token/);
  });

  it('tells of expiry, also of one that is further away than a timer can be set', async () => {
    const soon = await watch(verified('a', 'usr_1', Date.now() + 60_000));
    const late = await watch(verified('b', 'usr_1', Date.now() + 60 * DAY_MS));
    await jest.advanceTimersByTimeAsync(60_000);
    expect([soon.ends, late.ends]).toEqual([['token_expired'], []]);
    await jest.advanceTimersByTimeAsync(60 * DAY_MS - 61_000);
    expect(late.ends).toEqual([]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(late.ends).toEqual(['token_expired']);
  });

  it('looks again where an end may have been missed, and ends only what did', async () => {
    const [a, b] = [await watch(verified('a')), await watch(verified('b'))];
    live = ['b'];
    reset();
    await jest.advanceTimersByTimeAsync(0);
    expect([a.ends, b.ends]).toEqual([['token_revoked'], []]);
  });

  it('ends what nobody can vouch for', async () => {
    const { ends } = await watch(verified('a'));
    databaseFails = new Error('away');
    reset();
    await jest.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(['database_unavailable']);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
