import { AppError } from '../errors/app-error.js';
import type { Seat } from './single-flight.js';

/** The time of one call: its deadline, its caller's patience, and how long it waited for pwa-be. */
export class CallClock {
  private readonly deadline: number;
  private inFlight = 0;
  private since = 0;
  private total = 0;

  /** @param deadlineMs milliseconds the whole call may take, counted from now */
  constructor(
    deadlineMs: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.deadline = performance.now() + deadlineMs;
  }

  /** Milliseconds of wall time so far during which something of this call waited for pwa-be. */
  get waitedMs(): number {
    return this.total + (this.inFlight > 0 ? performance.now() - this.since : 0);
  }

  /** Counts the time that the work takes. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    if (this.inFlight === 0) this.since = performance.now();
    this.inFlight += 1;
    try {
      return await work();
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.total += performance.now() - this.since;
    }
  }

  /**
   * Waits for a flight until the call's deadline or its caller's end, then leaves it.
   * @throws AppError `upstream_timeout`, `cancelled`, and what the flight throws
   */
  async within<T>(join: () => Seat<T>): Promise<T> {
    if (this.signal?.aborted) throw new AppError('cancelled');
    const left = this.deadline - performance.now();
    if (left <= 0) throw this.late();
    return this.track(() => this.until(join(), left));
  }

  private until<T>(seat: Seat<T>, left: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = (error: AppError): void => {
        release();
        reject(error);
        seat.leave();
      };
      const onAbort = (): void => giveUp(new AppError('cancelled'));
      const timer = setTimeout(() => giveUp(this.late()), left);
      const release = (): void => {
        clearTimeout(timer);
        this.signal?.removeEventListener('abort', onAbort);
      };
      this.signal?.addEventListener('abort', onAbort);
      seat.promise.then(
        (value) => {
          release();
          resolve(value);
        },
        (error: Error) => {
          release();
          reject(error);
        },
      );
    });
  }

  private late(): AppError {
    return new AppError('upstream_timeout', { cause: new Error("the call's deadline has passed") });
  }
}
