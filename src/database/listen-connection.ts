import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';

const CONNECT_TIMEOUT_MS = 1_000;
const BEAT_INTERVAL_MS = 1_000;
/** With the interval: a connection that has died silently is noticed within two seconds. */
const ANSWER_TIMEOUT_MS = 900;
const GOODBYE_TIMEOUT_MS = 500;

/** One dedicated connection that listens, from its opening to its loss. A heartbeat tells whether it is alive. */
export class ListenConnection {
  /** Resolves, with the reason, when the connection is lost or closed. */
  readonly closed: Promise<Error>;
  private readonly socket = new Socket();
  private readonly client: Client;
  private heartbeat: NodeJS.Timeout | undefined;
  private close: (reason: Error) => void = () => undefined;
  private beatAt = Number.NEGATIVE_INFINITY;
  private unconfirmed = 0;

  private constructor(url: string, onNotification: (channel: string, payload: string) => void) {
    this.client = new Client({
      connectionString: url,
      application_name: 'tradecafe-mcp listen',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      // Our own socket: only destroying it ends a connection whose other side no longer answers.
      stream: () => this.socket,
    });
    this.closed = new Promise((resolve) => {
      this.close = resolve;
    });
    this.client.on('error', (error) => this.lose(error));
    this.client.on('end', () => this.lose(new Error('The server closed the connection.')));
    this.client.on('notification', ({ channel, payload }) => onNotification(channel, payload ?? ''));
  }

  /** Connects; the first heartbeat has been answered when this resolves. Rejects with the reason, leaving nothing open. */
  static async open(
    url: string,
    onNotification: (channel: string, payload: string) => void,
  ): Promise<ListenConnection> {
    const connection = new ListenConnection(url, onNotification);
    try {
      await connection.client.connect();
      await connection.query('SELECT 1');
      connection.heartbeat = setInterval(() => connection.beat(), BEAT_INTERVAL_MS);
      return connection;
    } catch (error) {
      connection.lose(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  /** Milliseconds since the last heartbeat that was answered was sent; monotonic. Infinite while a LISTEN is unconfirmed. */
  get silentForMs(): number {
    return this.unconfirmed > 0 ? Number.POSITIVE_INFINITY : performance.now() - this.beatAt;
  }

  /** Resolves when the server confirms: from then on no notification of the channel is missed. */
  async listen(channel: string): Promise<void> {
    this.unconfirmed++;
    await this.query(`LISTEN ${escapeIdentifier(channel)}`);
    this.unconfirmed--;
  }

  /** Says goodbye to the server, or hangs up when it does not answer. */
  async end(): Promise<void> {
    const goodbye = this.client.end().catch((error: unknown) => error);
    await Promise.race([goodbye, delay(GOODBYE_TIMEOUT_MS)]);
    this.lose(new Error('The connection was closed.'));
  }

  private beat(): void {
    // A failure is the connection's loss, which the query has reported already.
    this.query('SELECT 1').catch(() => undefined);
  }

  /** Runs a statement; without an answer in time the connection counts as lost. Every answer is a heartbeat. */
  private async query(sql: string): Promise<void> {
    const sentAt = performance.now();
    let answered = false;
    const timer = setTimeout(() => {
      // After a stall of this process the answer may lie in the socket, unread: look there first.
      setImmediate(() => {
        if (!answered) this.lose(new Error('The server did not answer the heartbeat.'));
      });
    }, ANSWER_TIMEOUT_MS);
    try {
      await this.client.query(sql);
      this.beatAt = sentAt;
    } catch (error) {
      this.lose(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      answered = true;
      clearTimeout(timer);
    }
  }

  private lose(reason: Error): void {
    clearInterval(this.heartbeat);
    this.beatAt = Number.NEGATIVE_INFINITY;
    this.socket.destroy();
    this.close(reason);
  }
}
