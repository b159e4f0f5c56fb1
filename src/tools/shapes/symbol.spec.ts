import { describe, expect, it } from '@jest/globals';
import { publicSymbol, wireSymbol } from './symbol.js';

describe('publicSymbol', () => {
  it.each([
    ['BTCUSDT', 'BTC-USDT'],
    ['ETHUSDC', 'ETH-USDC'],
    ['BNBBUSD', 'BNB-BUSD'],
    ['XAUUSD', 'XAU-USD'],
    ['BUSDUSDT', 'BUSD-USDT'],
    ['USDT', 'USDT'],
    ['BUSD', 'B-USD'],
    ['ETHBTC', 'ETHBTC'],
    ['EURJPY', 'EURJPY'],
    ['', ''],
  ])('%s leaves as %s', (wire, expected) => {
    expect(publicSymbol(wire)).toBe(expected);
  });

  it('and comes back as pwa-be writes it', () => {
    expect(wireSymbol('BTC-USDT')).toBe('BTCUSDT');
    expect(wireSymbol('BTCUSDT')).toBe('BTCUSDT');
  });
});
