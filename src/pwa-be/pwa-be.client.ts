import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CallClock } from './call-clock.js';
import { PWA_BE_ENDPOINT, type PwaBeEndpoint } from './pwa-be.endpoint.js';
import { PwaBeTransport } from './pwa-be.transport.js';
import { SingleFlight } from './single-flight.js';
import { PwaBeUserUpstream, type UserUpstream } from './user-upstream.js';

export type { UserUpstream } from './user-upstream.js';
export type { WriteAnswer } from './write-answer.js';

/** A whole call ends within this: clients in the field give up at 10 s. */
const CALL_DEADLINE_MS = 8_000;

export interface CallOptions {
  /** The caller's patience: when it fires, reads end with `cancelled`. Writes do not hear it. */
  readonly signal?: AbortSignal;
  /** Milliseconds from now within which every read of the call ends; 8000 unless told. */
  readonly deadlineMs?: number;
}

/** The only code that talks to pwa-be. One for the process: it holds the connections, the breaker and the flights. */
@Injectable()
export class PwaBeClient implements OnApplicationShutdown {
  private readonly transport: PwaBeTransport;
  private readonly flights = new SingleFlight<unknown>();

  constructor(@Inject(PWA_BE_ENDPOINT) endpoint: PwaBeEndpoint) {
    this.transport = new PwaBeTransport(endpoint);
  }

  /** pwa-be on this user's behalf for one call, whose time begins now. */
  forUser(userId: string, options: CallOptions = {}): UserUpstream {
    const clock = new CallClock(options.deadlineMs ?? CALL_DEADLINE_MS, options.signal);
    return new PwaBeUserUpstream(userId, this.transport, this.flights, clock);
  }

  /** Lets what is under way end, then closes the connections. */
  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }
}
