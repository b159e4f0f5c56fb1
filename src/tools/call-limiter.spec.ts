import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Principal } from '../auth/principal.js';
import type { Config } from '../config/config.js';
import { CallLimiter } from './call-limiter.js';

const of = (userId: string, credentialId: string) => ({ userId, credentialId }) as Principal;

describe('CallLimiter', () => {
  let limiter: CallLimiter;

  beforeEach(() => {
    jest.useFakeTimers();
    limiter = new CallLimiter({ rateLimitPerMinute: 2 } as Config);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets a credential make its calls, then says how long to wait', async () => {
    await limiter.take(of('u', 'a'));
    jest.advanceTimersByTime(20_500);
    await limiter.take(of('u', 'a'));
    await expect(limiter.take(of('u', 'a'))).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 40,
      detail: expect.stringContaining('40 seconds'),
    });
    jest.advanceTimersByTime(40_000);
    await expect(limiter.take(of('u', 'a'))).resolves.toBeUndefined();
  });

  it('counts each credential, and each person behind a shared one, for itself', async () => {
    for (const key of [of('u', 'a'), of('u', 'b'), of('u', 'session'), of('v', 'session')]) {
      await limiter.take(key);
      await limiter.take(key);
      await expect(limiter.take(key)).rejects.toMatchObject({ code: 'rate_limited' });
    }
  });
});
