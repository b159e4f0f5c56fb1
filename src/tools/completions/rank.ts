/** Longer than any value that is suggested: what is typed beyond it fits nothing. */
const MAX_TYPED = 128;

/**
 * The values that fit what was typed so far, each once: those that begin with it, then those that have it within, both in
 * the order given. Upper and lower case are the same.
 */
export function rank(values: readonly string[], typed: string): string[] {
  if (typed.length > MAX_TYPED) return [];
  const wanted = typed.toLowerCase();
  const fitting = [...new Set(values)].map((value) => ({ value, at: value.toLowerCase().indexOf(wanted) }));
  const beginning = fitting.filter(({ at }) => at === 0);
  const within = fitting.filter(({ at }) => at > 0);
  return [...beginning, ...within].map(({ value }) => value);
}
