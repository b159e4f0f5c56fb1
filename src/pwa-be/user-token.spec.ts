import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { jwtVerify } from 'jose';
import { UserTokens } from './user-token.js';

const SECRET = 'a-secret-that-only-pwa-be-knows-32';

describe('UserTokens', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_780_000_000_000 }));
  afterEach(() => void jest.useRealTimers());

  it('are JWTs that another implementation verifies', async () => {
    const token = new UserTokens(SECRET, { iss: 'tradecafe', 'https://x/roles': ['a'] }).for('usr_ü');
    const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(SECRET), {
      algorithms: ['HS256'],
    });
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(payload).toEqual({
      iss: 'tradecafe',
      'https://x/roles': ['a'],
      sub: 'usr_ü',
      iat: 1_780_000_000,
      exp: 1_780_000_060,
    });
  });

  it('are used again until 15 seconds before their end', () => {
    const tokens = new UserTokens(SECRET, {});
    const first = tokens.for('usr_1');
    jest.advanceTimersByTime(44_000);
    expect(tokens.for('usr_1')).toBe(first);
    jest.advanceTimersByTime(1_000);
    expect(tokens.for('usr_1')).not.toBe(first);
  });

  it('are made anew after a refusal, for that user alone', () => {
    const tokens = new UserTokens(SECRET, {});
    const [first, other] = [tokens.for('usr_1'), tokens.for('usr_2')];
    jest.advanceTimersByTime(1_000);
    tokens.drop('usr_1');
    expect(tokens.for('usr_1')).not.toBe(first);
    expect(tokens.for('usr_2')).toBe(other);
  });
});
