/** One thing that was tried. */
export interface Outcome {
  readonly name: string;
  /** Single checks within it that passed. */
  readonly checks: number;
  /** Why it failed; none: it passed. */
  readonly problems: readonly string[];
}

export const passed = ({ problems }: Outcome): boolean => problems.length === 0;

/** Prints a line for each, and a sum. */
export function report(title: string, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    const verdict = passed(outcome) ? 'ok    ' : 'FAILED';
    const checks = outcome.checks === 1 ? '1 check' : `${outcome.checks} checks`;
    process.stdout.write(`${verdict} ${title}  ${outcome.name}  (${checks})\n`);
    for (const problem of outcome.problems) process.stdout.write(`         ${problem}\n`);
  }
  const good = outcomes.filter(passed).length;
  process.stdout.write(`${title}: ${good} passed, ${outcomes.length - good} failed\n\n`);
}
