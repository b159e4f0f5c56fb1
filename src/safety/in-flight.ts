import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** Knows the commits that this process is in the middle of: it must not go away under them. */
@Injectable()
export class InFlight implements OnApplicationShutdown {
  private readonly running = new Set<Promise<unknown>>();

  /** Runs the work to its end, whoever stops waiting for it. */
  async track<T>(work: Promise<T>): Promise<T> {
    // Its failure is the caller's to see; here only its end counts.
    const end = work.catch(() => undefined).finally(() => this.running.delete(end));
    this.running.add(end);
    return work;
  }

  /** Nest has closed the listener by now: nothing new begins. Database and upstream connections are closed after this. */
  async onApplicationShutdown(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
