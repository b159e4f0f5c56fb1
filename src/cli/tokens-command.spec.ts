import { describe, expect, it } from '@jest/globals';
import { parseTokensCommand } from './tokens-command.js';
import { UsageError } from './usage-error.js';

const CREATE = ['create', '--user', 'usr_1', '--name', 'My laptop', '--scopes', 'read:account read:pool'];

describe('the command line', () => {
  it('of create', () => {
    expect(parseTokensCommand(CREATE)).toEqual({
      action: 'create',
      userId: 'usr_1',
      request: { name: 'My laptop', scopes: ['read:account', 'read:pool'] },
    });
    const limits = ['--expires-in-days=90', '--max-trade-usdt', '250.50'];
    expect(parseTokensCommand([...CREATE, ...limits])).toMatchObject({
      request: { expiresInDays: 90, maxTradeUsdt: 250.5 },
    });
  });

  it('of list and revoke', () => {
    expect(parseTokensCommand(['list', '--user', 'usr_1'])).toEqual({ action: 'list', userId: 'usr_1' });
    expect(parseTokensCommand(['revoke', '--id', 'x'])).toEqual({ action: 'revoke', id: 'x' });
    expect(parseTokensCommand(['revoke', '--user', 'usr_1'])).toEqual({ action: 'revoke-all', userId: 'usr_1' });
  });

  it.each<[string, string[], RegExp]>([
    ['nothing', [], /create, list or revoke/],
    ['an unknown action', ['mint'], /create, list or revoke/],
    ['an action of the prototype', ['constructor'], /create, list or revoke/],
    ['no user', ['create', '--name', 'x', '--scopes', 'y'], /--user is missing/],
    ['an empty name', [...CREATE, '--name='], /--name is missing/],
    ['a user id that is a path', ['list', '--user', '../x'], /--user is not a user id/],
    ['a flag that create has not', [...CREATE, '--id', 'x'], /--id/],
    ['a word too many', [...CREATE, 'read:billing'], /read:billing/],
    ['a flag without its value', ['list', '--user'], /--user/],
    ['days that are no number', [...CREATE, '--expires-in-days', '30d'], /--expires-in-days must be a number/],
    ['revoke of nothing', ['revoke'], /either --id/],
    ['revoke of both', ['revoke', '--id', 'x', '--user', 'usr_1'], /either --id/],
  ])('with %s says what to do', (_, argv, message) => {
    expect(() => parseTokensCommand(argv)).toThrow(UsageError);
    expect(() => parseTokensCommand(argv)).toThrow(message);
  });
});
