import { describe, expect, it } from '@jest/globals';
import { AppError } from '../errors/app-error.js';
import { CreateTokenDto } from './dto/create-token.dto.js';
import { RotateTokenDto } from './dto/rotate-token.dto.js';
import { BodyValidation } from './validation.js';

const pipe = new BodyValidation();
const GOOD = { name: 'laptop', scopes: ['read:account'] };

async function errors(metatype: new () => object, body: unknown): Promise<unknown> {
  try {
    await pipe.transform(body, { type: 'body', metatype });
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('invalid_request');
    return error.data['errors'];
  }
}

describe('a body', () => {
  it.each<[string, object, string]>([
    ['an unknown field', { extra: 1 }, 'extra'],
    ['a name that is a number', { name: 7 }, 'name'],
    ['a name that is null', { name: null }, 'name'],
    ['scopes as a string', { scopes: 'read:account' }, 'scopes'],
    ['scopes that are no strings', { scopes: [7] }, 'scopes'],
    ['scopes that are lists', { scopes: [['read:account']] }, 'scopes'],
    ['days as a string', { expires_in_days: '90' }, 'expires_in_days'],
    ['a cap as a string', { max_trade_usdt: '1' }, 'max_trade_usdt'],
    ['an unknown policy', { write_policy: 'none' }, 'write_policy'],
    ['our own name of a field', { expiresInDays: 90 }, 'expiresInDays'],
  ])('with %s is refused with the name of the field', async (_, change, path) => {
    expect(await errors(CreateTokenDto, { ...GOOD, ...change })).toEqual([{ path, message: expect.any(String) }]);
  });

  it('is told everything that is wrong with it', async () => {
    expect(await errors(CreateTokenDto, { token: 'x' })).toEqual([
      { path: 'token', message: 'is not a field of this request' },
      { path: 'name', message: 'must be a string' },
      { path: 'scopes', message: 'must be a list of scopes' },
    ]);
  });

  const NO_OBJECT = [{ path: '', message: 'must be a JSON object' }];

  it.each([[undefined], [null], [[]], [[GOOD]], ['text'], [''], [7], [true]])(
    'that is %j is told to be an object, and nothing about fields',
    async (body) => {
      expect(await errors(CreateTokenDto, body)).toEqual(NO_OBJECT);
    },
  );

  it.each([[[]], [[{}]], ['text'], [7], [false]])(
    'that is %j is refused where nothing is required, too',
    async (body) => {
      expect(await errors(RotateTokenDto, body)).toEqual(NO_OBJECT);
    },
  );

  it.each([[undefined], [null], [{}], [{ grace_minutes: null }], [{ grace_minutes: 5 }]])(
    'of a rotation may be %j',
    async (body) => {
      expect(await errors(RotateTokenDto, body)).toEqual([]);
    },
  );

  it('may leave the rest out, or null', async () => {
    const rest = { expires_in_days: null, max_trade_usdt: null, write_policy: null };
    expect(await errors(CreateTokenDto, GOOD)).toEqual([]);
    expect(await errors(CreateTokenDto, { ...GOOD, ...rest })).toEqual([]);
  });

  it('cannot reach the prototype', async () => {
    const body: unknown = JSON.parse('{"name":"x","scopes":["read:account"],"__proto__":{"write_policy":"none"}}');
    const result = (await pipe.transform(body, { type: 'body', metatype: CreateTokenDto })) as CreateTokenDto;
    expect(result.write_policy).toBeUndefined();
  });
});
