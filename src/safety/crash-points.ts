/** The named places of a commit where a test may end, stop or delay the process. */
export type CrashPoint = 'before_tx1' | 'after_tx1' | 'before_put' | 'after_put' | 'before_tx2' | 'after_tx2';

/** What happens at them; nothing, unless a test's own entry file provides something else. */
export interface CrashPoints {
  reach(point: CrashPoint): void | Promise<void>;
}

/** Injection token of the crash points. */
export const CRASH_POINTS = Symbol('CRASH_POINTS');

export const NO_CRASH_POINTS: CrashPoints = { reach: () => undefined };
