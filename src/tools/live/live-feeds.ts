import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { CredentialWatch } from '../../auth/bearer/credential-watch.js';
import type { Principal } from '../../auth/principal.js';
import { AppError } from '../../errors/app-error.js';
import { CallPath, unrecorded } from '../call-path.js';
import type { Caller, CallFailure } from '../tool-call.js';
import { decidingScope, listenable } from './live-resources.js';
import { LIVE_SETTINGS, type LiveSettings } from './live-settings.js';
import { type LiveSink, LiveStream } from './live-stream.js';
import { StreamLog } from './stream-log.js';
import { UserPollers } from './user-pollers.js';

/** A wish to be told of changes. */
export interface ListenCall extends Caller {
  /** As the client sent them. */
  readonly uris: readonly string[];
  /** Aborted when the client has left. */
  readonly signal: AbortSignal;
}

export interface ListenSuccess {
  readonly ok: true;
  /** What is listened to from now on: those of the URIs that can be, and that the caller may read. */
  readonly uris: readonly string[];
}

/** How the audit log calls the beginning of a stream. */
const OPERATION = 'subscriptions/listen';

/**
 * The streams of this process that changes of live resources are told on. A stream begins on the one path of every call;
 * it ends with its client, with its credential, or with this process.
 */
@Injectable()
export class LiveFeeds implements BeforeApplicationShutdown {
  private readonly streams = new Set<LiveStream>();
  private closing = false;

  constructor(
    private readonly calls: CallPath,
    private readonly pollers: UserPollers,
    private readonly credentials: CredentialWatch,
    private readonly log: StreamLog,
    @Inject(LIVE_SETTINGS) private readonly settings: LiveSettings,
  ) {}

  /**
   * Opens a stream. Never throws: what fails is an outcome with an error of the table, and `sink` hears no more.
   * @param sink may be called before this resolves, and until the call's signal is aborted
   */
  async listen({ uris: wanted, ...caller }: ListenCall, sink: LiveSink): Promise<ListenSuccess | CallFailure> {
    const [first, ...rest] = listenable(wanted, caller.principal);
    if (first === undefined) return { ok: true, uris: [] };
    const uris = [first, ...rest] as const;
    const stream = new LiveStream(uris, sink);
    const outcome = await this.calls.run({ ...caller, operation: OPERATION, args: { uri: uris.join(' ') } }, () => ({
      name: OPERATION,
      scopes: [decidingScope(uris, caller.principal)],
      parse: () => ({}),
      perform: async () => {
        await this.open(stream, caller.principal, caller.signal);
        return unrecorded({ ok: true, uris } satisfies ListenSuccess);
      },
    }));
    if (outcome.ok) stream.onEnd((why) => this.log.ended(stream, caller, why));
    else stream.end('left');
    return outcome;
  }

  /** Ends all streams and waits until that stands in the log; later ones are refused. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    for (const stream of this.streams) stream.end('shutting_down');
    await this.log.written();
  }

  /** The order is the policy. Resolves when what is listened to was seen once. @throws AppError when there is no room */
  private async open(stream: LiveStream, principal: Principal, signal: AbortSignal | undefined): Promise<void> {
    this.take(stream);
    signal?.addEventListener('abort', () => stream.end('left'), { once: true });
    if (signal?.aborted === true) stream.end('left');
    stream.onEnd(await this.credentials.watch(principal, (why) => stream.end(why)));
    if (!stream.hasEnded) await this.pollers.attach(stream, principal);
  }

  private take(stream: LiveStream): void {
    if (this.closing) throw new AppError('shutting_down');
    if (this.streams.size >= this.settings.streams) throw new AppError('overloaded');
    this.streams.add(stream);
    stream.onEnd(() => this.streams.delete(stream));
  }
}
