import { describe, expect, it } from '@jest/globals';
import { isTokenName, nameKey } from './token-name.js';

describe('isTokenName', () => {
  it.each([
    'x',
    '☕️ bot',
    '👩‍💻',
    '👩🏽‍💻 and 👨‍👩‍👧‍👦',
    '❤️‍🔥 🏴‍☠️ 🏳️‍⚧️ 🧑🏿‍🤝‍🧑🏻',
    '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
    'דוח שלי',
    'لپ‌تاپ',
    'ไทย हिन्दी 漢字',
    'x'.repeat(60),
    '💶'.repeat(60),
  ])('takes %s', (name) => {
    expect(isTokenName(name)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['more than sixty characters', 'x'.repeat(61)],
    ['a joiner between letters', 'a\u200Db'],
    ['a joiner at the end of an emoji', '👩\u200D'],
    ['a joiner before a letter', '👩\u200Dx'],
    ['two joiners', '👩\u200D\u200D💻'],
    ['a non-joiner between Latin letters', 'a\u200Cb'],
    ['a zero-width space', 'a\u200Bb'],
    ['an override of the writing direction', 'a\u202Eb'],
    ['an isolate', 'a\u2066b'],
    ['a soft hyphen', 'a\u00ADb'],
    ['a byte order mark', '\uFEFFa'],
    ['tags that spell a text', '🏴\u{E0069}\u{E0067}\u{E006E}\u{E006F}\u{E0072}\u{E0065}\u{E007F}'],
    ['tags without a flag', 'x\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'],
    ['half a surrogate pair', 'a\uD83D'],
    ['a line', 'a\nb'],
    ['a line separator', 'a\u2028b'],
    ['NUL', 'a\u0000b'],
  ])('refuses %s', (_what, name) => {
    expect(isTokenName(name)).toBe(false);
  });
});

describe('nameKey', () => {
  it('is the same for what people take for the same name', () => {
    for (const name of ['My  Laptop', 'my laptop', 'My\u00A0laptop', 'Ｍy laptop'])
      expect(nameKey(name)).toBe('my laptop');
  });
});
