import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../errors/app-error.js';
import { ALL_SCOPES } from '../scopes.js';
import { checkGraceMinutes, checkTokenRequest, type TokenRequest } from './new-token.js';

const good: TokenRequest = { name: 'laptop', scopes: ['read:account'] };

/** The paths that a request is refused for. */
function refusedPaths(change: Partial<TokenRequest>): string[] {
  try {
    checkTokenRequest({ ...good, ...change });
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('invalid_request');
    return (error.data['errors'] as { path: string }[]).map(({ path }) => path);
  }
}

describe('a request for a token', () => {
  it.each([
    ['no name', { name: '' }, 'name'],
    ['a name of spaces', { name: '  ' }, 'name'],
    ['61 characters', { name: 'x'.repeat(61) }, 'name'],
    ['a line break in the name', { name: 'a\nb' }, 'name'],
    ['a text direction override', { name: 'a\u202eb' }, 'name'],
    ['a zero-width space', { name: 'a\u200bb' }, 'name'],
    ['half a surrogate pair', { name: 'a\ud83d' }, 'name'],
    ['NUL', { name: 'a\0' }, 'name'],
    ['no scopes', { scopes: [] }, 'scopes'],
    ['an unknown scope', { scopes: ['read:account', 'write:bot_config'] }, 'scopes'],
    ['a scope of the prototype', { scopes: ['constructor'] }, 'scopes'],
    ['0 days', { expiresInDays: 0 }, 'expires_in_days'],
    ['3651 days', { expiresInDays: 3651 }, 'expires_in_days'],
    ['half a day', { expiresInDays: 0.5 }, 'expires_in_days'],
    ['no number of days', { expiresInDays: Number.NaN }, 'expires_in_days'],
    ['a cap of 0', { maxTradeUsdt: 0 }, 'max_trade_usdt'],
    ['a negative cap', { maxTradeUsdt: -1 }, 'max_trade_usdt'],
    ['three decimals', { maxTradeUsdt: 1.005 }, 'max_trade_usdt'],
    ['a cap without end', { maxTradeUsdt: Infinity }, 'max_trade_usdt'],
  ])('is refused with %s', (_, change, path) => {
    expect(refusedPaths(change)).toEqual([path]);
  });

  it('names everything that is wrong at once', () => {
    const all = { name: '', scopes: [], expiresInDays: -1, maxTradeUsdt: -1 };
    expect(refusedPaths(all)).toEqual(['name', 'scopes', 'expires_in_days', 'max_trade_usdt']);
  });

  it('is trimmed, its scopes each once and in their order, the rest at its defaults', () => {
    const scopes = [...ALL_SCOPES.toReversed(), ...ALL_SCOPES];
    expect(checkTokenRequest({ name: '  my laptop ', scopes })).toEqual({
      name: 'my laptop',
      scopes: ALL_SCOPES,
      expiresInDays: null,
      maxTradeUsdt: null,
      writePolicy: 'token_only',
    });
  });

  it('counts characters as people do', () => {
    expect(refusedPaths({ name: '🦊'.repeat(60) })).toEqual([]);
  });

  it('takes every amount of whole cents', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000_000 }), (cents) => {
        expect(refusedPaths({ maxTradeUsdt: cents / 100 })).toEqual([]);
      }),
    );
  });

  it.each([-1, 0.5, 1441, Number.NaN])('of a grace of %p minutes is refused', (minutes) => {
    expect(() => checkGraceMinutes(minutes)).toThrow(AppError);
  });

  it.each([0, 1440])('of a grace of %p minutes is fine', (minutes) => {
    expect(() => checkGraceMinutes(minutes)).not.toThrow();
  });
});
