import { describe, expect, it } from '@jest/globals';
import { ALL_SCOPES, READ_SCOPES, type Scope } from '../../auth/scopes.js';
import { rightsInShort } from './token-view.js';

describe('rightsInShort', () => {
  it.each<[readonly Scope[], string | null, string]>([
    [READ_SCOPES, null, 'Reads everything'],
    [['read:account', 'read:pool', 'read:signals'], null, 'Reads account, signals, and pool'],
    [ALL_SCOPES, '250', 'Reads everything, approves trades up to 250 USDT and closes positions'],
    [['write:trades'], null, 'Approves trades of any size and closes positions'],
  ])('says %j with cap %j as "%s"', (scopes, maxTradeUsdt, words) => {
    expect(rightsInShort({ scopes, maxTradeUsdt, asksEachTime: false })).toBe(words);
  });

  it('says that a person is asked, where that means anything', () => {
    const rights = (scopes: readonly Scope[]) => rightsInShort({ scopes, maxTradeUsdt: null, asksEachTime: true });
    expect(rights(['write:trades'])).toBe('Approves trades of any size and closes positions, asks you each time');
    expect(rights(['read:pool'])).toBe('Reads pool');
  });
});
