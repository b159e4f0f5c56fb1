import type { FastifyReply } from 'fastify';

/** Comments on a silent stream: proxies cut what says nothing for a minute, and a client that is gone shows itself. */
const KEEP_ALIVE_MS = 15_000;
/** Bytes of a stream that wait for a client that does not read: who lags so far behind is cut off, and asks anew. */
const MAX_UNREAD = 256 * 1024;
const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Tells a buffering proxy in front of us to pass each event on at once.
  'x-accel-buffering': 'no',
};

/** What an answer may need beside its message: another status, more headers. */
export interface AnswerOverride {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One exchange's answer, written straight to the Fastify reply: plain JSON, or a server-sent event stream from the moment
 * that something has to be said before the result (MCP 2026-07-28, Streamable HTTP, Sending Messages to the Server).
 */
export class ReplyChannel {
  private streaming = false;
  private ended = false;
  private keepAlive: NodeJS.Timeout | undefined;

  /** @param onDisconnect called once when the client goes away before the answer is complete */
  constructor(
    private readonly reply: FastifyReply,
    onDisconnect: () => void,
  ) {
    reply.raw.once('close', () => {
      clearInterval(this.keepAlive);
      if (this.ended) return;
      this.ended = true;
      onDisconnect();
    });
  }

  /** Sends a message that precedes the result; the answer is a stream from then on. */
  notify(message: object): void {
    if (this.ended) return;
    if (!this.streaming) this.startStream();
    this.write(eventOf(message));
  }

  /** Sends the final message and ends the answer. `status` and `headers` count only if the answer is no stream yet. */
  finish(message: object, status = 200, headers: Readonly<Record<string, string>> = {}): void {
    if (this.ended) return;
    this.ended = true;
    if (this.streaming) {
      // A client that does not read keeps the connection open after its end.
      clearInterval(this.keepAlive);
      this.reply.raw.end(eventOf(message));
      return;
    }
    void this.reply.code(status).headers(headers).type('application/json').send(JSON.stringify(message));
  }

  private startStream(): void {
    this.streaming = true;
    // A hijacked reply skips Fastify's hooks: the headers set so far have to be carried over by hand.
    this.reply.hijack();
    this.reply.raw.writeHead(200, { ...(this.reply.getHeaders() as Record<string, string>), ...SSE_HEADERS });
    this.keepAlive = setInterval(() => this.write(': keep-alive\n\n'), KEEP_ALIVE_MS).unref();
  }

  private write(text: string): void {
    const { raw } = this.reply;
    // One message may be larger. The handler hears of it as of a client that leaves.
    if (raw.writableLength > MAX_UNREAD) raw.destroy();
    else raw.write(text);
  }
}

function eventOf(message: object): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}
