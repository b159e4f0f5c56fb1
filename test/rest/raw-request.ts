import { Agent, request as httpRequest } from 'node:http';
import type { Answer } from './gateway.js';

/** A request as it stands on the wire: nothing is normalized, and a body goes with any method. */
interface RawRequest {
  readonly method: string;
  /** Printable ASCII without spaces. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface RawClient {
  /** @throws Error when there is no answer in time */
  send(request: RawRequest): Promise<Answer>;
  close(): void;
}

/** For requests that `fetch` would mend or refuse to send. */
export function rawClient(url: string, patienceMs: number): RawClient {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const send = ({ method, address, headers, body }: RawRequest): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const signal = AbortSignal.timeout(patienceMs);
      const options = { agent, hostname, port, method, path: address, headers: { ...headers, ...length }, signal };
      const outgoing = httpRequest(options, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const got = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
          const json = /\bjson\b/.test(got.get('content-type') ?? '') && text !== '';
          const parsed = json ? (JSON.parse(text) as unknown) : undefined;
          resolve({ status: incoming.statusCode!, headers: got, text, body: parsed });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { send, close: () => agent.destroy() };
}
