import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generatePat, parsePat, patHint } from './pat-format.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 7 + 12 + 32 + 6;

/** A token made anew for every run. */
const token = fc.constant(null).map(() => generatePat().token);

describe('the form of a personal access token', () => {
  it('is tc_pat_ and 50 base62 characters, and is taken apart as it was put together', () => {
    const made = generatePat();
    expect(made.token).toMatch(/^tc_pat_[0-9A-Za-z]{50}$/);
    expect(parsePat(made.token)).toEqual(made);
    expect(made.token.slice(7, 51)).toBe(made.selector + made.secret);
  });

  it('reads a token that was made elsewhere: CRC32 as six base62 digits, largest first', () => {
    // crc32('tc_pat_' + 12 × '0' + 32 × 'A') computed by another implementation, Python's zlib.
    const body = `tc_pat_${'0'.repeat(12)}${'A'.repeat(32)}`;
    expect(parsePat(`${body}1JoDGc`)).toBeDefined();
  });

  it('catches every single changed character', () => {
    const anyCharacter = fc.oneof(
      fc.constantFrom(...BASE62),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    );
    fc.assert(
      fc.property(token, fc.nat(LENGTH - 1), anyCharacter, (whole, at, other) => {
        fc.pre(whole[at] !== other);
        expect(parsePat(whole.slice(0, at) + other + whole.slice(at + 1))).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('catches two neighbours that changed places', () => {
    fc.assert(
      fc.property(token, fc.nat(LENGTH - 2), (whole, at) => {
        fc.pre(whole[at] !== whole[at + 1]);
        const swapped = whole.slice(0, at) + whole[at + 1]! + whole[at]! + whole.slice(at + 2);
        expect(parsePat(swapped)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['the prefix alone', 'tc_pat_'],
    ['a part', generatePat().token.slice(0, -1)],
    ['a line break at the end', `${generatePat().token}\n`],
    ['a space before', ` ${generatePat().token}`],
    ['a further underscore', generatePat().token.replace(/^(tc_pat_.{12})/, '$1_')],
    ['an upper-case prefix', generatePat().token.replace('tc_pat_', 'TC_PAT_')],
    ['another kind', generatePat().token.replace('tc_pat_', 'tc_at_')],
  ])('refuses %s', (_, text) => {
    expect(parsePat(text)).toBeUndefined();
  });

  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parsePat(text) === undefined));
  });

  it('draws every character about equally often', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 1_000; round += 1) {
      for (const character of generatePat().secret) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    // 32,000 draws, 516 expected each, standard deviation 22.5: seven of them on either side. A modulo of whole bytes
    // would give eight characters 25% more.
    for (const count of counts.values()) expect(Math.abs(count - 516)).toBeLessThan(158);
  });

  it('hints at three characters of the selector and none of the secret', () => {
    expect(patHint('Ab3defghijkl')).toBe('tc_pat_Ab3…');
  });
});
