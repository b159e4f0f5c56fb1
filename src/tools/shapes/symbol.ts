import { z } from 'zod';
import { text } from './text.js';

/** A trading pair as somebody asks for it, in either way of writing. */
export const symbolFilter = z
  .string()
  .max(40)
  .regex(
    /^[A-Z0-9]+(-[A-Z0-9]+)?$/,
    'must be capital letters and digits with at most one dash, e.g. BTC-USDT or BTCUSDT',
  );

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
