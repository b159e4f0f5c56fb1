/** How live resources are looked at, and how many may be listened to. Milliseconds, where it is time. */
export interface LiveSettings {
  /** Between two looks while what is seen changes. */
  readonly fastestMs: number;
  /** Between two looks when nothing has changed for long. */
  readonly slowestMs: number;
  /** What an unchanged look multiplies the interval by. */
  readonly slowDown: number;
  /** After a look that failed; doubled with each further one … */
  readonly firstRetryMs: number;
  /** … up to this. */
  readonly longestRetryMs: number;
  /** Share by which an interval is longer or shorter at random, so that users do not all come at once. */
  readonly jitter: number;
  /** How long a new stream waits for the first look at what it listens to. */
  readonly firstLookMs: number;
  /** Upstream time of one look. */
  readonly lookMs: number;
  /** Most open streams of this process: memory is what they cost. */
  readonly streams: number;
}

/** Injection token of the settings. */
export const LIVE_SETTINGS = Symbol('LIVE_SETTINGS');

/**
 * A user who listens costs TradeCafe one request for each resource every 5 s while it changes (prices of open positions
 * do), and one in 30 s when it does not.
 */
export const DEFAULT_LIVE_SETTINGS: LiveSettings = {
  fastestMs: 5_000,
  slowestMs: 30_000,
  slowDown: 1.5,
  firstRetryMs: 5_000,
  longestRetryMs: 60_000,
  jitter: 0.2,
  firstLookMs: 3_000,
  lookMs: 7_500,
  streams: 5_000,
};
