import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { checkCsrf, csrfTokenOf } from './csrf.js';

const urls = { publicUrl: 'https://site.example', apiPublicUrl: 'https://api.example/base' };
const PEPPER = 'pepper-of-the-csrf-tests-0123456789abcdef';
const token = csrfTokenOf('session.jwt.one', PEPPER);
const ours = { origin: 'https://site.example' };

function answer(headers: Record<string, string>, body?: unknown): string {
  try {
    checkCsrf({ headers, body } as FastifyRequest, token, urls);
    return 'passes';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('a write by session', () => {
  it.each([
    ['our origin and the token', { ...ours, 'x-csrf-token': token }],
    ['the API origin', { origin: 'https://api.example', 'x-csrf-token': token }],
    ['no Origin but same-origin', { 'sec-fetch-site': 'same-origin', 'x-csrf-token': token }],
  ])('passes with %s', (_, headers) => {
    expect(answer(headers)).toBe('passes');
  });

  it('passes with the token as a form field', () => {
    expect(answer(ours, { csrf_token: token })).toBe('passes');
  });

  it.each([
    ['no Origin and no Sec-Fetch-Site', { 'x-csrf-token': token }],
    ['Origin null', { origin: 'null', 'x-csrf-token': token }],
    ['Origin null that claims same-origin', { origin: 'null', 'sec-fetch-site': 'same-origin', 'x-csrf-token': token }],
    ['a foreign Origin', { origin: 'https://evil.example', 'x-csrf-token': token }],
    [
      'a foreign Origin that claims same-origin',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin', 'x-csrf-token': token },
    ],
    ['our host over http', { origin: 'http://site.example', 'x-csrf-token': token }],
    ['our host at another port', { origin: 'https://site.example:8443', 'x-csrf-token': token }],
    ['our host as a suffix', { origin: 'https://site.example.evil.example', 'x-csrf-token': token }],
    ['same-site only', { 'sec-fetch-site': 'same-site', 'x-csrf-token': token }],
    ['a typed address', { 'sec-fetch-site': 'none', 'x-csrf-token': token }],
    ['no token', { ...ours }],
    ['an empty token', { ...ours, 'x-csrf-token': '' }],
    ['a part of the token', { ...ours, 'x-csrf-token': token.slice(0, -1) }],
    ["another session's token", { ...ours, 'x-csrf-token': csrfTokenOf('session.jwt.two', PEPPER) }],
    ['a token under another pepper', { ...ours, 'x-csrf-token': csrfTokenOf('session.jwt.one', 'another') }],
  ])('is refused with %s', (_, headers) => {
    expect(answer(headers)).toBe('csrf_failed');
  });

  it.each([[{ csrf_token: [token] }], [{ csrf_token: { length: 43 } }], ['csrf_token'], [null]])(
    'is refused with the body %j',
    (body) => {
      expect(answer(ours, body)).toBe('csrf_failed');
    },
  );

  it('does not fall back to the field when the header is wrong', () => {
    expect(answer({ ...ours, 'x-csrf-token': 'wrong' }, { csrf_token: token })).toBe('csrf_failed');
  });
});
