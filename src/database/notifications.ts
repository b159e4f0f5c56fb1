import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { PrismaClient } from '../generated/prisma/client.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { ListenConnection } from './listen-connection.js';
import { DATABASE, type OpenDatabase } from './open-database.js';
import { PrismaService } from './prisma.service.js';

const TRUST_MS = 2_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

type Handler = (payload: string) => void;

/**
 * Messages between the instances of this service, through PostgreSQL's LISTEN and NOTIFY on one dedicated, direct
 * connection (a transaction pooler loses them). What was sent while the connection was lost is lost: whoever keeps a
 * cache by it serves from the cache only while `trusted()`, and empties it in `onReset`.
 */
@Injectable()
export class Notifications {
  private readonly handlers = new Map<string, Set<Handler>>();
  private readonly resetHandlers = new Set<() => void>();
  private readonly stopping = new AbortController();
  private connection: ListenConnection | undefined;
  private supervision: Promise<void> | undefined;

  constructor(
    @Inject(DATABASE) private readonly database: Pick<OpenDatabase, 'url'>,
    private readonly prisma: PrismaService,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  ) {}

  /** Begins to listen. Resolves after the first attempt, however it ended: attempts go on until `stop`. */
  async start(): Promise<void> {
    await new Promise<void>((firstAttempt) => {
      this.supervision = this.supervise(firstAttempt);
    });
  }

  /** Stops listening, for good. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.connection?.end();
    await this.supervision;
  }

  /**
   * Calls `handler` with the payload of every message on `channel`, this instance's own included.
   * @param channel at most 63 bytes
   * @returns ends the subscription
   */
  subscribe(channel: string, handler: Handler): () => void {
    const known = this.handlers.get(channel);
    const handlers = known ?? new Set();
    handlers.add(handler);
    this.handlers.set(channel, handlers);
    if (known === undefined) this.listenLate(channel);
    return () => handlers.delete(handler);
  }

  /**
   * Sends `payload` (under 8000 bytes) to all subscribers of `channel` on all instances.
   * @param through a transaction: the message is sent when it commits, and only then
   */
  async publish(
    channel: string,
    payload: string,
    through: Pick<PrismaClient, '$executeRaw'> = this.prisma,
  ): Promise<void> {
    await through.$executeRaw`SELECT pg_notify(${channel}, ${payload})`;
  }

  /** Whether no message can have been missed: the connection answered a heartbeat that is less than two seconds old. */
  trusted(): boolean {
    return this.connection !== undefined && this.connection.silentForMs < TRUST_MS;
  }

  /**
   * Calls `handler` whenever messages may have been missed and no longer are: the connection is there (again).
   * Caches must be emptied.
   */
  onReset(handler: () => void): void {
    this.resetHandlers.add(handler);
  }

  private async supervise(attempted: () => void): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.stopping.signal.aborted) {
      try {
        const connection = await this.connect();
        if (retryMs !== FIRST_RETRY_MS) this.logger.info('Notifications are received again.');
        retryMs = FIRST_RETRY_MS;
        attempted();
        const reason = await connection.closed;
        if (!this.stopping.signal.aborted) this.logger.warn({ err: reason }, 'The notification connection was lost.');
      } catch (error) {
        if (retryMs === FIRST_RETRY_MS) this.logger.warn({ err: error }, 'Notifications cannot be received yet.');
        attempted();
      }
      this.connection = undefined;
      await this.pause(retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }

  /** A connection that listens to every channel. Handlers are reset before it is trusted. */
  private async connect(): Promise<ListenConnection> {
    const connection = await ListenConnection.open(this.database.url, (channel, payload) =>
      this.deliver(channel, payload),
    );
    // A channel that is added meanwhile is visited as well: that is how a Map iterates.
    for (const channel of this.handlers.keys()) await connection.listen(channel);
    if (this.stopping.signal.aborted) await connection.end();
    this.reset();
    this.connection = connection;
    return connection;
  }

  private listenLate(channel: string): void {
    this.connection?.listen(channel).then(
      () => this.reset(),
      // The connection is lost; the next one listens to this channel too.
      () => undefined,
    );
  }

  private deliver(channel: string, payload: string): void {
    for (const handler of this.handlers.get(channel) ?? []) this.guarded(() => handler(payload));
  }

  private reset(): void {
    for (const handler of this.resetHandlers) this.guarded(handler);
  }

  private guarded(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.logger.error({ err: error }, 'A notification handler failed.');
    }
  }

  /** Waits with some jitter, so that instances do not come back all at once; `stop` cuts it short. */
  private async pause(ms: number): Promise<void> {
    const { signal } = this.stopping;
    await delay(ms * (0.75 + Math.random() / 2), undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
