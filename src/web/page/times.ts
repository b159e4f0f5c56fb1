const UNITS = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const ABSOLUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
/** Below this many of a unit the next smaller one is used: "in 90 days" says more than "in 3 months". */
const ENOUGH = { year: 2, month: 4, day: 2, hour: 1, minute: 1 } as const;

/** How far a time is from now, in the unit that people would use: `3 minutes ago`, `in 90 days`. */
export function relativeTime(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= ENOUGH[unit] * length) return RELATIVE.format(Math.round(seconds / length), unit);
  }
  return seconds > 0 ? 'in less than a minute' : 'just now';
}

/** A time that does not depend on when or where it is read: `22 Nov 2026, 17:43 UTC`. */
export function absoluteTime(at: Date): string {
  return `${ABSOLUTE.format(at)} UTC`;
}
