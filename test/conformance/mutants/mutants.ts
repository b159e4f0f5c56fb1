import { legacyMutants } from './legacy.mutants.js';
import { modernMutants } from './modern.mutants.js';
import type { Mutant } from './mutant.js';
import { sharedMutants } from './shared.mutants.js';

/** Each scenario stands in at least one of them: one that stays green whatever is broken checks nothing. */
export const MUTANTS: readonly Mutant[] = [...sharedMutants, ...legacyMutants, ...modernMutants];
