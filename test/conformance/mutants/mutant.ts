import type { Revision } from '../scenarios.js';

/** One way to break the code, and the scenarios that must notice. */
export interface Mutant {
  /** What no longer works. */
  readonly breaks: string;
  /** Path from the root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly red: Readonly<Partial<Record<Revision, readonly string[]>>>;
}

export const LEGACY = '2025-11-25';
export const MODERN = '2026-07-28';

/** Scenarios that both revisions have. */
export const both = (...scenarios: string[]): Mutant['red'] => ({ [LEGACY]: scenarios, [MODERN]: scenarios });
