import type { LiveSettings } from './live-settings.js';

type Pace = Pick<LiveSettings, 'fastestMs' | 'slowestMs' | 'slowDown' | 'firstRetryMs' | 'longestRetryMs' | 'jitter'>;

/** What a look came to. */
export type Look = 'changed' | 'same' | { readonly failedFor: number | undefined };

/** When to look next: soon after a change, ever later without one, and ever later while looking fails. */
export class PollSchedule {
  private intervalMs: number;
  private retryMs: number;

  /** @param random 0 to 1 */
  constructor(
    private readonly pace: Pace,
    private readonly random: () => number = Math.random,
  ) {
    this.intervalMs = pace.fastestMs;
    this.retryMs = pace.firstRetryMs;
  }

  /**
   * @param look of which `failedFor` are the seconds that pwa-be, or the breaker before it, asked to be left alone
   * @returns milliseconds until the next look
   */
  after(look: Look): number {
    if (typeof look === 'object') {
      const wait = Math.max(this.retryMs, (look.failedFor ?? 0) * 1_000);
      this.retryMs = Math.min(this.retryMs * 2, this.pace.longestRetryMs);
      return this.jittered(wait);
    }
    this.retryMs = this.pace.firstRetryMs;
    this.intervalMs =
      look === 'changed' ? this.pace.fastestMs : Math.min(this.intervalMs * this.pace.slowDown, this.pace.slowestMs);
    return this.jittered(this.intervalMs);
  }

  private jittered(ms: number): number {
    return ms * (1 + this.pace.jitter * (2 * this.random() - 1));
  }
}
