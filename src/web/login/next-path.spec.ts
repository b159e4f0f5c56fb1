import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { nextPath } from './next-path.js';

const PUBLIC_URL = 'https://tradecafe.example';

describe('nextPath', () => {
  it.each([
    ['another site', 'https://evil.example/'],
    ['a scheme-relative address', '//evil.example'],
    ['a backslash instead of the second slash', '/\\evil.example'],
    ['a backslash instead of the first slash', '\\/evil.example'],
    ['a tab that browsers drop', '/\t/evil.example'],
    ['a line break that browsers drop', '/\n/evil.example'],
    ['a NUL', '/settings\0'],
    ['an empty segment that is left when dots are resolved', '/.//evil.example'],
    ['the same by way of a parent', '/x/..//evil.example'],
    ['the same with an encoded dot', '/%2e//evil.example'],
    ['the same with backslashes', '/.\\\\evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a relative path', 'settings'],
    ['nothing', ''],
    ['several values', ['/settings', '/docs']],
    ['no value', undefined],
  ])('refuses %s', (_what, next) => {
    expect(nextPath(next, PUBLIC_URL)).toBeUndefined();
  });

  it.each([
    ['/settings/tokens', '/settings/tokens'],
    ['/', '/'],
    ['/oauth/authorize?client_id=a&state=%2F%2Fevil.example', '/oauth/authorize?client_id=a&state=%2F%2Fevil.example'],
    ['/docs#tools', '/docs#tools'],
    ['/a/../docs', '/docs'],
  ])('keeps %s', (next, path) => {
    expect(nextPath(next, PUBLIC_URL)).toBe(path);
  });

  it('never leaves the origin, and its result passes again', () => {
    // Pieces that make up addresses: random characters alone would hardly ever form a dangerous one.
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      ':',
      '@',
      '?',
      '#',
      'evil.example',
      'https',
      '\t',
      '\n',
      '\0',
      ' ',
      'a',
    );
    const address = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.array(piece, { maxLength: 12 }).map((all) => `/${all.join('')}`),
    );
    fc.assert(
      fc.property(address, (next) => {
        const path = nextPath(next, PUBLIC_URL);
        if (path === undefined) return;
        expect(new URL(path, PUBLIC_URL).origin).toBe(PUBLIC_URL);
        expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
        expect(nextPath(path, PUBLIC_URL)).toBe(path);
      }),
      { numRuns: 5000 },
    );
  });
});
