import { describe, expect, it } from '@jest/globals';
import { rank } from './rank.js';

describe('rank', () => {
  it('has what begins with it before what has it within, in the order given, each once', () => {
    expect(rank(['ETH-USDT', 'BTC-USDT', 'TBTC-USDT', 'BTC-USDC', 'BTC-USDT'], 'btc')).toEqual([
      'BTC-USDT',
      'BTC-USDC',
      'TBTC-USDT',
    ]);
  });

  it('has everything for nothing typed, and nothing for what fits nothing', () => {
    expect(rank(['7d', '30d'], '')).toEqual(['7d', '30d']);
    expect(rank(['7d', '30d'], 'x')).toEqual([]);
    expect(rank(['.*', 'a'], '.')).toEqual(['.*']);
    expect(rank(['a'.repeat(500)], 'a'.repeat(129))).toEqual([]);
  });
});
