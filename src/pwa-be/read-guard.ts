import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type BulkheadPolicy,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { AppError } from '../errors/app-error.js';
import type { Cancelled } from './cancellation.js';
import { TransportFailure } from './http-exchange.js';

export interface ReadLimits {
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  /** Transport failures in a row, over all users, that open the circuit. */
  readonly breakAfter: number;
  readonly halfOpenAfterMs: number;
}

/** Far above what a healthy pwa-be needs, low enough to keep a sick one from filling our memory. */
export const READ_LIMITS: ReadLimits = { maxConcurrent: 128, maxQueued: 512, breakAfter: 10, halfOpenAfterMs: 5_000 };

/**
 * What stands between reads and a sick pwa-be: a circuit breaker and a bounded queue. Only transport failures count: an
 * HTTP status, 500 included, is an answer, and one user's errors must not stop another. Writes do not come through here.
 */
export class ReadGuard {
  private readonly breaker: CircuitBreakerPolicy;
  private readonly slots: BulkheadPolicy;

  constructor(private readonly limits: ReadLimits = READ_LIMITS) {
    this.slots = bulkhead(limits.maxConcurrent, limits.maxQueued);
    this.breaker = circuitBreaker(
      handleWhen((error) => this.counts(error)),
      { halfOpenAfter: limits.halfOpenAfterMs, breaker: new ConsecutiveBreaker(limits.breakAfter) },
    );
  }

  /**
   * Runs one attempt when pwa-be seems well and a slot is free or frees up.
   * @throws AppError `upstream_unavailable` with Retry-After: circuit open, or queue full; else what the work throws
   */
  async run<T>(work: () => Promise<T>, caller: Cancelled): Promise<T> {
    // While one probe is out, cockatiel would let the others wait for its end; ours fail fast.
    if (this.breaker.state === CircuitState.HalfOpen) throw this.unavailable('the circuit is being probed');
    try {
      return await this.breaker.execute(() =>
        this.slots.execute(() => {
          if (caller.cancelled) throw new TransportFailure('cancelled', false, 'left while queued');
          return work();
        }),
      );
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw this.unavailable('the circuit is open', error);
      if (error instanceof BulkheadRejectedError) throw this.unavailable('too many reads are waiting', error);
      throw error;
    }
  }

  /** A probe that ended without an answer, for whatever reason, proves nothing: only an answer closes the circuit. */
  private counts(error: Error): boolean {
    if (this.breaker.state === CircuitState.HalfOpen) return true;
    return error instanceof TransportFailure && (error.reason === 'connection' || error.reason === 'timeout');
  }

  private unavailable(why: string, cause?: Error): AppError {
    const retryAfterSeconds = Math.ceil(this.limits.halfOpenAfterMs / 1000);
    return new AppError('upstream_unavailable', { retryAfterSeconds, cause: new Error(why, { cause }) });
  }
}
