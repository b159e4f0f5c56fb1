import { mcpHeaders, modernRequest } from '../support/mcp.js';
import { openStream, type SseStream } from '../mcp/sse.js';

/** A client that listens to one resource and asks again whenever its stream ends, as MCP 2026-07-28 lets it. */
export class Listener {
  /** Streams that were acknowledged so far. */
  streams = 0;
  /** Changes that it was told of, on any of them. */
  updates = 0;
  /** How each stream ended: with its result, cut, or before it was acknowledged, with a status. */
  readonly endings: ('complete' | 'cut' | number)[] = [];

  private current: SseStream | undefined;
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly uri: string,
  ) {
    this.done = this.stay();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.current?.close();
    await this.done;
  }

  private async stay(): Promise<void> {
    while (!this.stopped) {
      const ending = await this.listen().catch(() => 'cut' as const);
      if (!this.stopped) this.endings.push(ending);
    }
  }

  private async listen(): Promise<'complete' | number> {
    const notifications = { resourceSubscriptions: [this.uri] };
    const { headers, body } = modernRequest('subscriptions/listen', { notifications });
    const stream = await openStream(`${this.url}/mcp`, mcpHeaders(this.token, headers), body);
    this.current = stream;
    if (stream.status !== 200) return stream.status;
    for (let message = await stream.next(); message !== undefined; message = await stream.next()) {
      if (message.method === 'notifications/subscriptions/acknowledged') this.streams += 1;
      if (message.method === 'notifications/resources/updated') this.updates += 1;
      if (message.result?.['resultType'] === 'complete') return 'complete';
    }
    throw new Error('The stream ended without its result.');
  }
}
