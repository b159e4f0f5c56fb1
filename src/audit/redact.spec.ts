import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { auditText, redactArguments } from './redact.js';

const base62 = fc.stringMatching(/^[0-9A-Za-z]{20,60}$/);
const base64url = fc.stringMatching(/^[\w-]{20,60}$/);
/** A secret and the part of it that must not be seen. */
const secret = fc.oneof(
  fc
    .tuple(fc.constantFrom('tc_pat_', 'tc_at_', 'tc_rt_', 'tc_act_', 'tc_ac_', 'tc_dc_', 'TC_PAT_'), base62)
    .map(([prefix, body]) => ({ whole: prefix + body, part: body })),
  fc.tuple(base64url, base64url, base64url).map(([a, b, c]) => ({ whole: `eyJ${a}.${b}.${c}`, part: b })),
  fc.tuple(base64url, base64url, base64url).map(([a, b, c]) => ({ whole: `${a}.${b}.${c}`, part: c })),
);
const surroundings = fc.oneof(
  fc.constant(''),
  fc.constant('Bearer '),
  fc.constant('\u200b'),
  fc.string({ maxLength: 200 }),
);
const key = fc.constantFrom('symbol', 'side', 'limit', 'signal_id', 'position_id', 'status', 'action_token', 'other');

describe('auditText', () => {
  it('keeps what is drawn, and takes the same characters out where they hide', () => {
    expect(auditText('Bot 👩🏽‍💻 🏴󠁧󠁢󠁳󠁣󠁴󠁿 لپ‌تاپ')).toBe('Bot 👩🏽‍💻 🏴󠁧󠁢󠁳󠁣󠁴󠁿 لپ‌تاپ');
    expect(auditText('a\u200Db\u200Cc\u202Ed👩\u200D')).toBe('abcd👩');
    expect(auditText('tc_\u200Dpat_0123456789')).toBe('[redacted]');
  });

  it('leaves no half of a joined one where it cuts', () => {
    expect(auditText(`${'x'.repeat(124)}👩\u200D💻`)).toBe(`${'x'.repeat(124)}👩…`);
  });
});

describe('redactArguments', () => {
  it('records what was asked', () => {
    const args = { symbol: 'BTC-USDT', side: 'long', limit: 5, include_history: true };
    expect(redactArguments(args)).toEqual(args);
    const write = { signal_id: 'sig_2026060402', position_id: 'p', status: 'open', timeframe: '7d', dry_run: false };
    expect(redactArguments(write)).toEqual(write);
  });

  it('records the name only of an action token, and of what is not listed only that it was there', () => {
    const action_token = 'tc_act_0123456789012345678901234567890123456789';
    expect(redactArguments({ signal_id: 's', action_token, note: 'hello', hunter2: 1 })).toEqual({
      signal_id: 's',
      action_token: '[redacted]',
      '[unknown]': 2,
    });
  });

  it.each([
    [undefined, {}],
    [null, {}],
    ['text', { arguments: '[redacted]' }],
    [['a'], { arguments: '[redacted]' }],
    [7, { arguments: '[redacted]' }],
  ])('makes %j an object', (args, recorded) => {
    expect(redactArguments(args)).toEqual(recorded);
  });

  it.each([[{ a: 1 }], [['x']], [Number.NaN], [undefined], [() => 1]])(
    'records no %p in the place of a scalar',
    (value) => {
      expect(redactArguments({ symbol: value })).toEqual({ symbol: '[redacted]' });
    },
  );

  it('knows a token by a prefix that is yet to come, and an id from a token', () => {
    expect(auditText('tc_new_0123456789')).toBe('[redacted]');
    expect(auditText('Bearer tc_new_0123456789')).toBe('[redacted]');
    for (const id of ['btc_long_1', 'btc_pattern_7', 'sig_btc_usdt_1', 'BTC-USDT']) expect(auditText(id)).toBe(id);
  });

  it('caps values, and makes nothing of many names', () => {
    const args = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`${i}`.padEnd(200, 'x'), 1]));
    const recorded = redactArguments({ symbol: 'x'.repeat(1_000), ...args });
    expect(recorded).toEqual({ symbol: `${'x'.repeat(127)}…`, '[unknown]': 30_000 });
  });

  it('never records a secret, whatever the key, whatever stands around it, even as a key', () => {
    fc.assert(
      fc.property(key, secret, surroundings, surroundings, (name, { whole, part }, before, after) => {
        const text = before + whole + after;
        const recorded = JSON.stringify(redactArguments({ [name]: text, [text]: text, nested: { [text]: text } }));
        expect(recorded).not.toContain(part);
        expect(auditText(text)).not.toContain(part);
      }),
    );
  });

  it('records nothing that PostgreSQL refuses or that nobody sees', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (args) => {
        const recorded = redactArguments({ ...args, symbol: '\u0000\ud800x', signal_id: `${'x'.repeat(126)}😀😀` });
        expect(JSON.stringify(recorded)).not.toMatch(/\\u0000|\\ud[89a-f]|\p{C}/u);
      }),
    );
  });
});
