import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors/app-error.js';

export interface GroupCommitOptions<T> {
  /**
   * Writes all or nothing, in one statement.
   * @param again a write of these items failed without telling whether it was done: they may be there already
   */
  write(batch: readonly T[], again: boolean): Promise<void>;
  /** Whether an error says that the store is away, so that the same batch can succeed later. */
  isAway(error: unknown): boolean;
  /** A write failed and will be tried again. */
  onRetry(error: unknown, waiting: number): void;
  /** This item cannot be stored: nobody will try again, so this is where it must be seen. */
  onLost(item: T, error: unknown): void;
  /** Items that may wait, those being written included. */
  readonly capacity: number;
  readonly batchSize: number;
  /** How long the first item waits for company. */
  readonly lingerMs: number;
  /** How long a caller waits for room before it is told `overloaded`. */
  readonly patienceMs: number;
}

interface Waiter<T> {
  readonly item: T;
  readonly admit: () => void;
}

/** First and longest pause between two attempts. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Attempts for an item that the store refuses although it is there. */
const MAX_REFUSALS = 3;

/**
 * Writes items in groups: one write in flight, the next takes all that queued meanwhile. While the store is away items
 * wait; when no more fit, callers wait; no item vanishes without `onLost`.
 */
export class GroupCommit<T> {
  private readonly queue: T[] = [];
  private readonly waiters = new Set<Waiter<T>>();
  private readonly draining = new AbortController();
  /** When to give up, once draining: milliseconds since 1970. */
  private deadline = Number.POSITIVE_INFINITY;
  private running: Promise<void> | undefined;

  constructor(private readonly options: GroupCommitOptions<T>) {}

  /**
   * Takes an item in.
   * @returns nothing when there was room, else a promise for when there is
   * @throws AppError `overloaded` (by the promise) when there is none in time
   */
  add(item: T): void | Promise<void> {
    if (this.queue.length >= this.options.capacity) return this.waitForRoom(item);
    this.enqueue(item);
  }

  /** Writes what is left, for at most so long; what cannot be written until then goes to `onLost`. */
  async drain(withinMs: number): Promise<void> {
    this.deadline = Math.min(this.deadline, Date.now() + withinMs);
    this.draining.abort();
    await this.running;
  }

  private enqueue(item: T): void {
    this.queue.push(item);
    this.running ??= this.run();
  }

  private waitForRoom(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = {
        item,
        admit: () => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          this.enqueue(item);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.waiters.delete(waiter);
        reject(new AppError('overloaded', { retryAfterSeconds: 5 }));
      }, this.options.patienceMs);
      this.waiters.add(waiter);
    });
  }

  private async run(): Promise<void> {
    await this.pause(this.options.lingerMs);
    while (this.queue.length > 0) {
      // Items stay in the queue while they are written: they count towards its capacity until they are safe.
      const batch = this.queue.slice(0, this.options.batchSize);
      await this.store(batch);
      this.queue.splice(0, batch.length);
      for (const waiter of this.waiters) {
        if (this.queue.length >= this.options.capacity) break;
        waiter.admit();
      }
    }
    this.running = undefined;
  }

  /** Ends with every item of the batch written or reported lost. */
  private async store(batch: readonly T[], known = false): Promise<void> {
    let again = known;
    let refusals = 0;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.options.write(batch, again);
      } catch (error) {
        const away = this.options.isAway(error);
        if (away) again = true;
        else refusals++;
        // One item that the store refuses must not take its neighbours with it.
        if (!away && batch.length > 1) return await this.storeOneByOne(batch, again);
        if (refusals >= MAX_REFUSALS || Date.now() >= this.deadline) {
          for (const item of batch) this.options.onLost(item, error);
          return;
        }
        this.options.onRetry(error, this.queue.length);
      }
      await this.pause(this.draining.signal.aborted ? FIRST_PAUSE_MS : pauseMs);
    }
  }

  private async storeOneByOne(batch: readonly T[], again: boolean): Promise<void> {
    for (const item of batch) await this.store([item], again);
  }

  /** Waits. The beginning of a drain cuts it short; between the attempts of a drain it waits all the same. */
  private async pause(ms: number): Promise<void> {
    const { signal } = this.draining;
    if (signal.aborted) await sleep(Math.min(ms, Math.max(0, this.deadline - Date.now())));
    // Rejects when it is cut short, and for no other reason.
    else await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
