const DAY_MS = 86_400_000;

/** Rounds half up to `digits` decimals. */
export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/** The UTC date, YYYY-MM-DD, `days` after the day of `instant`. */
export function utcDate(instant: Date, days = 0): string {
  return new Date(instant.getTime() + days * DAY_MS).toISOString().slice(0, 10);
}

/** Percent that a position at `entry` has gained at `price`; 4 decimals, as pwa-be's `profit`. */
export function profitPercent(side: 'long' | 'short', entry: number, price: number): number {
  if (entry === 0) return 0;
  const gain = ((price - entry) / entry) * 100;
  return round(side === 'long' ? gain : -gain, 4);
}
