import type { Config } from '../config/config.js';

/** How long the steps of a write may take. Milliseconds. */
export interface SafetyTiming {
  /** From the ledger's row to the last moment at which its PUT may start. */
  readonly sendWindowMs: number;
  /** From the end of the send window to the first look at what became of it: by then the PUT has ended. */
  readonly settleMs: number;
  /** How long one instance has for looking before another one may. */
  readonly leaseMs: number;
  /** Between two searches for rows that are due. */
  readonly pollMs: number;
  /** For the preview that a commit makes anew. */
  readonly previewMs: number;
  /** From the beginning of a call that repeats a commit under way to the answer that it is still under way. */
  readonly repeatMs: number;
}

/** Injection token of the timing. */
export const SAFETY_TIMING = Symbol('SAFETY_TIMING');

const SEND_WINDOW_MS = 10_000;
const MARGIN_MS = 1_000;
const LEASE_MS = 15_000;
const POLL_MS = 1_000;
/** Of the 8 s that a whole call has, what the PUT may take is not there for looking. */
const CALL_MS = 7_500;
const ANSWERING_MS = 500;

export function safetyTiming({ pwaBe }: Pick<Config, 'pwaBe'>): SafetyTiming {
  return {
    sendWindowMs: SEND_WINDOW_MS,
    settleMs: pwaBe.timeoutMs + MARGIN_MS,
    leaseMs: LEASE_MS,
    pollMs: POLL_MS,
    previewMs: Math.max(MARGIN_MS, CALL_MS - pwaBe.timeoutMs),
    repeatMs: CALL_MS - ANSWERING_MS,
  };
}
