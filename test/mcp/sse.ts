import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** A JSON-RPC message as it came. */
export interface Message {
  readonly method?: string;
  readonly id?: string | number | null;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** An answer that is read message by message, whether it is a stream of events or one JSON object. */
export interface SseStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Messages so far. */
  readonly received: number;
  /** Waits for the next message; undefined at the end of the stream. */
  next(): Promise<Message | undefined>;
  /** Goes away, as a client does that wants no more. */
  close(): void;
}

/**
 * Posts a message on a connection of its own and leaves the answer open. (fetch opens a spare connection when it is
 * aborted, and that one keeps a server from closing.)
 * @param headers beside the ones that every POST has
 */
export async function openStream(url: string, headers: Record<string, string>, body: object): Promise<SseStream> {
  const sent = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const messages = messagesOf(response);
  let received = 0;
  return {
    status: response.statusCode!,
    headers: response.headers,
    get received() {
      return received;
    },
    next: async () => {
      const { value, done } = await messages.next();
      if (done === true) return undefined;
      received += 1;
      return value;
    },
    close: () => void response.destroy(),
  };
}

/** Server-sent events are blocks that end with an empty line; comments (keep-alives) are none. JSON is one message. */
async function* messagesOf(response: IncomingMessage): AsyncGenerator<Message, undefined> {
  const isStream = response.headers['content-type'] === 'text/event-stream';
  let buffer = '';
  for await (const chunk of response.setEncoding('utf8')) {
    buffer += String(chunk);
    if (!isStream) continue;
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(buffer.slice(0, end))?.[1];
      buffer = buffer.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data) as Message;
    }
  }
  if (!isStream && buffer !== '') yield JSON.parse(buffer) as Message;
  return undefined;
}
