import type { CredentialEnd } from '../../auth/bearer/credential-watch.js';
import type { Listener } from './user-poller.js';

/** Where a stream's news go. */
export interface LiveSink {
  /** What is under the URI has changed. Only that is told, never what: who wants to know reads it, with his own rights. */
  updated(uri: string): void;
  /** Nothing follows: the client must be told. */
  end(): void;
}

/** Why a stream ended: the client left (or was never told that it is listening), we are going away, or its credential did. */
export type StreamEnd = 'left' | 'shutting_down' | CredentialEnd;

/** One open stream. It ends once, whoever ends it. */
export class LiveStream implements Listener {
  readonly openedAt = performance.now();
  /** How often it was told something. */
  notifications = 0;
  private endedBy: StreamEnd | undefined;
  private afterwards: ((why: StreamEnd) => void)[] = [];

  constructor(
    readonly uris: readonly string[],
    private readonly sink: LiveSink,
  ) {}

  get hasEnded(): boolean {
    return this.endedBy !== undefined;
  }

  updated(uri: string): void {
    if (this.hasEnded) return;
    this.notifications += 1;
    this.sink.updated(uri);
  }

  end(why: StreamEnd): void {
    if (this.hasEnded) return;
    this.endedBy = why;
    for (const task of this.afterwards) task(why);
    this.afterwards = [];
    if (why !== 'left') this.sink.end();
  }

  /** Runs a task when the stream ends; at once if it has. Tasks must not throw. */
  onEnd(task: (why: StreamEnd) => void): void {
    if (this.endedBy === undefined) this.afterwards.push(task);
    else task(this.endedBy);
  }
}
