/**
 * The beginning of a day in UTC.
 * @param text `2026-12-31`
 * @returns undefined for a day that no calendar has: `Date` reads the 30th of February as the 2nd of March
 */
export function calendarDay(text: string): Date | undefined {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : NaN);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? at : undefined;
}
