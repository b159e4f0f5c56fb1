import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const PATH = '/callback';

/** Waits on this machine for the browser to come back from the consent page (RFC 8252 §7.3). */
export class CallbackListener {
  /** The answer's query, once it came: its state is the one that was sent. */
  readonly answer: Promise<URLSearchParams>;
  private resolve: (query: URLSearchParams) => void = () => undefined;

  private constructor(
    private readonly server: Server,
    private readonly state: string,
  ) {
    this.answer = new Promise((resolve) => (this.resolve = resolve));
  }

  /** Listens on a free port of 127.0.0.1. @param state anything else than its bearer's answer is not for us */
  static async open(state: string): Promise<CallbackListener> {
    const server = createServer();
    const listener = new CallbackListener(server, state);
    server.on('request', (request, response) => {
      const { status, text } = listener.receive(request.method, request.url ?? '/');
      response.writeHead(status, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'",
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        connection: 'close',
      });
      response.end(`<!doctype html><title>TradeCafe</title><p>${text}</p>`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return listener;
  }

  get redirectUri(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${PATH}`;
  }

  /** Stops listening; an answer that is being shown still arrives. */
  close(): void {
    this.server.close();
  }

  private receive(method: string | undefined, target: string): { status: number; text: string } {
    const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
    if (method !== 'GET' || pathname !== PATH) return { status: 404, text: 'There is nothing here.' };
    if (searchParams.get('state') !== this.state) {
      return { status: 400, text: 'This answer belongs to no request of this program. Nothing was changed.' };
    }
    this.resolve(searchParams);
    return searchParams.has('code')
      ? { status: 200, text: 'TradeCafe is connected. You can close this page and go back to your assistant.' }
      : { status: 200, text: 'Nothing was allowed. You can close this page and go back to your assistant.' };
  }
}
