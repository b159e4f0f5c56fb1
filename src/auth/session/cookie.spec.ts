import { describe, expect, it } from '@jest/globals';
import { readCookie } from './cookie.js';

describe('a cookie', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['other=1', undefined],
    ['auth', undefined],
    ['auth=', undefined],
    ['xauth=1', undefined],
    ['auth2=1', undefined],
    ['auth=a.b.c', 'a.b.c'],
    ['other=1; auth=a.b.c; more=2', 'a.b.c'],
    ['auth="a.b.c"', 'a.b.c'],
    ['auth=a=b', 'a=b'],
    ['auth=first; auth=second', 'first'],
  ])('of the header %p reads %p', (header, value) => {
    expect(readCookie(header, 'auth')).toBe(value);
  });
});
