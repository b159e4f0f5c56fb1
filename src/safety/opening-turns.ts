import { Injectable } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';

/** Of the ten connections of an instance: the ends of commits, freezing and everybody else's calls need the others. */
const AT_ONCE = 4;
/** Waiting for longer than this would outlast the call. */
const WAIT_MS = 4_000;
const MAX_WAITING = 1_000;

interface Turn {
  readonly userId: string;
  readonly start: () => void;
}

/**
 * Lets few first transactions run at a time, and one of each user: they wait for each other on that user's lock anyway,
 * and one that waits in the database holds a connection. Whoever floods commits must not keep a freeze from coming through.
 */
@Injectable()
export class OpeningTurns {
  private readonly busy = new Set<string>();
  private waiting: Turn[] = [];

  /** @throws AppError overloaded when the turn does not come in time; then nothing was begun */
  async run<T>(userId: string, action: () => Promise<T>): Promise<T> {
    await this.turn(userId);
    try {
      return await action();
    } finally {
      this.busy.delete(userId);
      this.startNext();
    }
  }

  private turn(userId: string): Promise<void> {
    if (this.isFree(userId)) {
      this.busy.add(userId);
      return Promise.resolve();
    }
    if (this.waiting.length >= MAX_WAITING) throw new AppError('overloaded', { retryAfterSeconds: 1 });
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiting = this.waiting.filter((other) => other !== turn);
        reject(new AppError('overloaded', { retryAfterSeconds: 1 }));
      }, WAIT_MS);
      const start = (): void => {
        clearTimeout(late);
        resolve();
      };
      const turn: Turn = { userId, start };
      this.waiting.push(turn);
    });
  }

  private isFree(userId: string): boolean {
    return this.busy.size < AT_ONCE && !this.busy.has(userId);
  }

  /** The one that has waited longest among those whose user is not busy. */
  private startNext(): void {
    const next = this.waiting.find(({ userId }) => this.isFree(userId));
    if (next === undefined) return;
    this.waiting = this.waiting.filter((other) => other !== next);
    this.busy.add(next.userId);
    next.start();
  }
}
