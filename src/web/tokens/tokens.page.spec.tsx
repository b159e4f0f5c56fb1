import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { render } from 'preact-render-to-string';
import { BLANK_TOKEN_FORM } from './token-form.js';
import type { TokenView } from './token-view.js';
import { TokensPage, type TokensPageProps } from './tokens.page.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

const TOKEN: TokenView = {
  id: '00000000-0000-4000-8000-000000000001',
  name: 'My laptop',
  hint: 'tc_pat_Ab3…',
  scopes: ['read:account', 'write:trades'],
  maxTradeUsdt: '250',
  asksEachTime: true,
  createdAt: later(-10),
  expiresAt: later(80),
  revokedAt: null,
  lastUsedAt: later(-1),
  lastUsedIp: '192.0.2.7',
  lastUsedClient: 'claude-code/2.1',
  rotatedFromId: null,
  replaced: false,
};

function page(props: Partial<TokensPageProps> = {}): string {
  return render(
    <TokensPage
      tokens={[TOKEN]}
      now={NOW}
      csrfToken="csrf-1"
      nonce="nonce-1"
      values={BLANK_TOKEN_FORM}
      errors={{}}
      {...props}
    />,
  );
}

/** The page as its reader sees it: no tags, entities resolved. */
function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

describe('TokensPage', () => {
  it('shows what a person knows a token by, and how to end it', () => {
    const html = page();
    expect(textOf(html)).toContain('My laptop tc_pat_Ab3… Rotate Revoke');
    expect(textOf(html)).toContain(
      'Reads account, approves trades up to 250 USDT and closes positions, asks you each time',
    );
    expect(textOf(html)).toContain('Created 10 days ago');
    expect(textOf(html)).toContain('Last used 24 hours ago from 192.0.2.7 by Claude Code');
    expect(textOf(html)).toContain('Expires in 80 days');
    expect(html).toContain(`href="/settings/tokens/${TOKEN.id}/revoke"`);
  });

  it('offers nothing for dead tokens, and says how they ended', () => {
    const html = page({
      tokens: [
        { ...TOKEN, revokedAt: later(-2) },
        { ...TOKEN, expiresAt: later(-3) },
      ],
    });
    expect(html).not.toContain('/revoke"');
    expect(textOf(html)).toContain('Revoked 2 days ago');
    expect(textOf(html)).toContain('Expired 3 days ago');
    expect(textOf(html)).toContain('Ended in the last 30 days (2)');
  });

  it.each([
    ['markup', `<script>alert(1)</script>`],
    ['a way out of an attribute', `" autofocus onfocus="alert(1)`],
    ['a way out of a single-quoted attribute', `' onclick='alert(1)`],
    ['a comment', `--><img src=x onerror=alert(1)>`],
    ['an entity', `&lt;b&gt;`],
    ['right-to-left text', `דוח لیلی`],
    ['an override of the writing direction', `a\u202egnp.exe`],
    ['emoji', `☕️👩🏽‍💻`],
  ])('shows %s in a name and in the form as the text it is', (_what, hostile) => {
    const html = page({
      tokens: [{ ...TOKEN, name: hostile, lastUsedClient: hostile }],
      values: { ...BLANK_TOKEN_FORM, name: hostile, maxTradeUsdt: hostile },
    });
    // Attribute values aside (Preact quotes all of them), nothing of it may be markup.
    expect(html.replace(/"[^"]*"/g, '""')).not.toMatch(/<script|<img|<[^>]*\s(?:on\w+|autofocus)/);
    expect(textOf(html)).toContain(hostile);
    expect(html).toContain('<bdi>');
    const typed = /<input id="name"[^>]*? value="([^"]*)"/.exec(html)?.[1];
    expect(textOf(typed ?? '').trim()).toBe(hostile.trim());
  });

  it('has the same tags whatever a name is', () => {
    const tags = (html: string): string[] => [...html.matchAll(/<\/?[a-z][a-z0-9]*/g)].map(([tag]) => tag);
    const expected = tags(page());
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(tags(page({ tokens: [{ ...TOKEN, name }] }))).toEqual(expected);
      }),
    );
  });

  it('puts errors beside their fields and keeps what was typed', () => {
    const values = {
      ...BLANK_TOKEN_FORM,
      name: '',
      expires: 'never',
      preset: 'custom',
      scopes: ['read:pool', 'write:trades'],
      maxTradeUsdt: '1,5',
    };
    const html = page({
      values,
      errors: { name: 'Name it.', max_trade_usdt: 'No comma.' },
      notice: { kind: 'error', title: 'No.' },
    });
    expect(html).toMatch(
      /<p class="field-error" id="name-error">Name it\.<\/p><input id="name"[^>]* aria-describedby="name-error name-hint" aria-invalid/,
    );
    expect(html).toMatch(/id="max_trade_usdt-error">No comma\.<\/p><input id="max_trade_usdt"[^>]* value="1,5"/);
    const checked = [...html.matchAll(/<input [^>]*value="([^"]*)"[^>]* checked/g)].map(([, value]) => value);
    expect(checked).toEqual(['custom', 'read:pool', 'write:trades', 'never']);
  });

  it.each([
    ['expires soon', { expiresAt: later(3) }, 'It expires soon.'],
    ['has not been used for long', { lastUsedAt: later(-61) }, 'Not used for 61 days.'],
    ['never was', { createdAt: later(-70), lastUsedAt: null }, 'Not used for 70 days.'],
    ['is new', { createdAt: NOW, lastUsedAt: null }, 'we keep no copy'],
  ])('points out a token that %s', (_what, change, words) => {
    expect(textOf(page({ tokens: [{ ...TOKEN, ...change }] }))).toContain(words);
    expect(textOf(page())).not.toContain(words);
  });

  it('shows a form that needs another look before the list', () => {
    const order = (html: string): boolean => html.indexOf('id="new"') < html.indexOf('id="live"');
    expect(order(page())).toBe(false);
    expect(order(page({ notice: { kind: 'error', title: 'No.' } }))).toBe(true);
  });
});
