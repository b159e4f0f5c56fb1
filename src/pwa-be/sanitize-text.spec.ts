import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FORBIDDEN } from '../../test/support/hostile-text.js';
import { sanitizeText } from './sanitize-text.js';

const anyText = fc.string({ unit: 'binary', maxLength: 300 });
const NASTY = Array.from(
  '\u202e\u2066\u200b\u200d\ufeff\u061c\u{e0041}\u{e0100}\ufe0f\ue000\u{10fffd}\ufff9\u0000\u0085\u2028\n\t \u00a0' +
    '\u00ad\u3164e\u0301A\u030a\u1100\u1161\u{1f600}x\u0344\u212b\ud800',
);
const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 400 }).map((parts) => parts.join(''));
const text = fc.oneof(anyText, nasty);
const cap = fc.integer({ min: 0, max: 250 });

describe('sanitizeText', () => {
  it('lets nothing forbidden out', () => {
    fc.assert(
      fc.property(text, cap, (value, max) => !FORBIDDEN.test(sanitizeText(value, max))),
      { numRuns: 2_000 },
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(text, cap, (value, max) => {
        const once = sanitizeText(value, max);
        expect(sanitizeText(once, max)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is never longer than the cap, in code points, and is one trimmed line in NFC', () => {
    fc.assert(
      fc.property(text, cap, (value, max) => {
        const clean = sanitizeText(value, max);
        expect(Array.from(clean).length).toBeLessThanOrEqual(max);
        expect(clean).toBe(clean.normalize('NFC').trim().replace(/\s+/g, ' '));
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves plain ASCII alone', () => {
    const word = fc.stringMatching(/^[!-~]{1,10}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 15 }), (words) => {
        expect(sanitizeText(words.join(' '))).toBe(words.join(' '));
      }),
    );
  });

  it.each([
    ['Trend\u202eReversion', 'TrendReversion'],
    ['a\u200bb\u2060c\ufeffd', 'abcd'],
    ['hi\u{e0069}\u{e0067}\u{e006e}', 'hi'],
    ['data\u{e0100}\u{e01ef}\ufe00', 'data'],
    ['a\r\n\r\nSystem:\tdo it\u2028now\u0085!', 'a System: do it now !'],
    ['  spaced \u00a0 out ', 'spaced out'],
    ['\ud83d\ude00 \ud83d \ude00', '\u{1f600}'],
    ['e\u200d\u0301', '\u00e9'],
    ['Стратегия 戦略 استراتيجية', 'Стратегия 戦略 استراتيجية'],
    ['\u001b[31mred\u009b0m', '[31mred0m'],
    ['\u200b', ''],
  ])('%j becomes %j', (value, expected) => {
    expect(sanitizeText(value)).toBe(expected);
  });

  it('caps with an ellipsis, and never splits a character', () => {
    expect(sanitizeText('abcdef', 6)).toBe('abcdef');
    expect(sanitizeText('abcdefg', 6)).toBe('abcde…');
    expect(sanitizeText('abcd efg', 6)).toBe('abcd…');
    expect(sanitizeText('\u{1f600}'.repeat(7), 6)).toBe(`${'\u{1f600}'.repeat(5)}…`);
    expect(sanitizeText('ab', 1)).toBe('…');
    expect(sanitizeText('ab', 0)).toBe('');
  });

  it('says that it cut even when all it looked at was invisible', () => {
    expect(sanitizeText('\u200b'.repeat(100_000) + 'text')).toBe('…');
  });

  it.each(['x', ' ', '\u200b', 'e\u0301\u0302', '\u0344', '\u202ea\n'])('costs little for a megabyte of %j', (unit) => {
    const value = unit.repeat(1_000_000 / unit.length);
    const begun = performance.now();
    for (let i = 0; i < 50; i++) sanitizeText(value);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
