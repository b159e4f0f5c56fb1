/**
 * Arithmetic whose results always fit into JSON: what overflows stays at the largest number instead of becoming
 * `Infinity` (`null` in JSON) or `NaN`.
 */

/** The number itself, or the largest one of its sign. */
function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

/** `a × b`; with finite factors never NaN. */
export function multiply(a: number, b: number): number {
  return finite(a * b);
}

/** The sum, held finite after each step: `1e308 + 1e308 - 1e308` must not meet two infinities. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => finite(total + value), 0);
}

/** USDT to 2 decimals. */
export function money(value: number): number {
  return round(value, 2);
}

/** A fraction (0.05 = 5 %) to 4 decimals. */
export function fraction(value: number): number {
  return round(value, 4);
}

/**
 * Rounds like the public client: `Math.round` of the shifted number, so that a negative half goes towards zero.
 * A number too large to be shifted has no decimals to lose.
 */
export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  const shifted = value * factor;
  // `+ 0` makes minus zero plain zero, which is what JSON makes of it.
  return Number.isFinite(shifted) ? Math.round(shifted) / factor + 0 : value;
}
