/** Of an unsorted list of numbers; the mean of the middle two for an even count. */
export function median(values) {
  return quantile(values, 0.5);
}

/** Linear between neighbours. @param at 0..1 */
export function quantile(values, at) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * at;
  const below = sorted[Math.floor(position)];
  return below + (sorted[Math.ceil(position)] - below) * (position % 1);
}

/** Median with the quarters around it: half of all rounds lie between `low` and `high`. */
export function spread(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** Ratios round by round, so that what slowed both down cancels out. */
export function ratios(above, below) {
  return above.map((value, round) => value / below[round]);
}
