import { text } from './text.js';

/** Quote currencies that a symbol is split at; the longer ones before those they end in. */
const QUOTES = ['USDT', 'USDC', 'BUSD', 'USD'] as const;

/** `BTCUSDT` as people write it: `BTC-USDT`. A quote we do not know leaves the symbol in one piece. */
export function publicSymbol(value: string): string {
  const symbol = text(value);
  const quote = QUOTES.find((known) => symbol.endsWith(known) && symbol.length > known.length);
  return quote === undefined ? symbol : `${symbol.slice(0, -quote.length)}-${quote}`;
}

/** The symbol as pwa-be writes it: `BTC-USDT` and `BTCUSDT` are both `BTCUSDT`. */
export function wireSymbol(value: string): string {
  return value.replace('-', '');
}
