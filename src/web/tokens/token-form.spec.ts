import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ALL_SCOPES, READ_SCOPES } from '../../auth/scopes.js';
import { readTokenForm } from './token-form.js';

const GOOD = { name: 'My laptop', expires: '90', preset: 'read', max_trade_usdt: '', confirm_write: 'yes' };
const NOW = new Date('2026-11-22T19:00:00Z');

describe('readTokenForm', () => {
  it.each([
    ['no name', { name: ' ' }, ['name']],
    ['a name that is too long', { name: 'x'.repeat(61) }, ['name']],
    ['a name that turns the text around', { name: 'a\u202eb' }, ['name']],
    ['a life that is not offered', { expires: '100000' }, ['expires_in_days']],
    ['a life named like an inherited property', { expires: 'constructor' }, ['expires_in_days']],
    ['no permission at all', { preset: 'custom' }, ['scopes']],
    [
      'a permission that does not exist',
      { preset: 'custom', scopes: ['read:account', 'write:everything'] },
      ['scopes'],
    ],
    ['a preset that does not exist', { preset: 'toString' }, ['scopes']],
    ['trading without the second yes', { preset: 'trade', confirm_write: '' }, ['confirm_write']],
    ['a day that is over', { expires: 'date', expires_on: '2026-11-21' }, ['expires_on']],
    ['today', { expires: 'date', expires_on: '2026-11-22' }, ['expires_on']],
    ['a day that does not exist', { expires: 'date', expires_on: '2027-02-30' }, ['expires_on']],
    ['a day far away', { expires: 'date', expires_on: '2036-12-31' }, ['expires_on']],
    ['no day', { expires: 'date' }, ['expires_on']],
    ['a decimal comma', { max_trade_usdt: '1,5' }, ['max_trade_usdt']],
    ['an exponent', { max_trade_usdt: '1e9' }, ['max_trade_usdt']],
    ['a negative amount', { max_trade_usdt: '-1' }, ['max_trade_usdt']],
    ['nothing as an amount', { max_trade_usdt: '0' }, ['max_trade_usdt']],
    ['a third decimal', { max_trade_usdt: '0.001' }, ['max_trade_usdt']],
    ['an amount beyond the limit', { max_trade_usdt: '9999999999' }, ['max_trade_usdt']],
    [
      'everything wrong at once',
      { name: '', expires: '', preset: 'custom', max_trade_usdt: 'x' },
      ['name', 'scopes', 'expires_in_days', 'max_trade_usdt'],
    ],
  ])('refuses %s', (_what, fields, wrong) => {
    const { errors } = readTokenForm({ ...GOOD, ...fields }, NOW);
    expect(Object.keys(errors)).toEqual(wrong);
  });

  it('says every field that is missing from an empty or broken form', () => {
    for (const body of [undefined, null, 'name=x', {}]) {
      expect(Object.keys(readTokenForm(body).errors)).toEqual(['name', 'scopes', 'expires_in_days']);
    }
  });

  it('gives "read only" no more than reading, whatever is ticked behind it', () => {
    expect(readTokenForm({ ...GOOD, scopes: ['write:trades'] }).request.scopes).toEqual(READ_SCOPES);
  });

  it('gives "read and trade" everything', () => {
    expect(readTokenForm({ ...GOOD, preset: 'trade' }).request.scopes).toEqual(ALL_SCOPES);
  });

  it.each([[{ preset: 'custom' }], [{ preset: undefined }]])('takes exactly what is ticked with %j', (preset) => {
    const { request } = readTokenForm({ ...GOOD, ...preset, scopes: 'read:pool' });
    expect(request.scopes).toEqual(['read:pool']);
  });

  it.each([
    ['2026-11-23', 1],
    ['2027-11-22', 365],
  ])('reads %s as a life of %i days', (day, days) => {
    expect(readTokenForm({ ...GOOD, expires: 'date', expires_on: day }, NOW).request.expiresInDays).toBe(days);
  });

  it('reads who confirms a trade', () => {
    expect(readTokenForm(GOOD).request.writePolicy).toBe('token_only');
    expect(readTokenForm({ ...GOOD, write_policy: 'human_required' }).request.writePolicy).toBe('human_required');
  });

  it('reads life and cap', () => {
    const { request } = readTokenForm({ ...GOOD, expires: 'never', max_trade_usdt: ' 99.50 ' });
    expect(request).toMatchObject({ expiresInDays: null, maxTradeUsdt: 99.5 });
  });

  it('keeps what was typed, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.array(fc.string()), (name, cap, scopes) => {
        const { values } = readTokenForm({ ...GOOD, name, max_trade_usdt: cap, scopes });
        expect(values).toMatchObject({ name, maxTradeUsdt: cap.trim(), scopes });
      }),
    );
  });
});
