import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../errors/app-error.js';
import { formField, formFields } from './form-field.js';

describe('formField', () => {
  it('is the text of the field, and undefined for whatever is no text', () => {
    expect(formField({ a: 'x' }, 'a')).toBe('x');
    for (const body of [{}, null, undefined, 'a=x', { a: 1 }, { a: [] }]) expect(formField(body, 'a')).toBeUndefined();
    expect(formField({}, 'toString')).toBeUndefined();
  });

  it('refuses a field that was sent twice: a limit must not be lost by it', () => {
    expect(() => formField({ max_trade_usdt: ['100', ''] }, 'max_trade_usdt')).toThrow(AppError);
    expect(formFields({ scopes: ['read:account', 'write:trades'] }, 'scopes')).toEqual([
      'read:account',
      'write:trades',
    ]);
  });
});
