import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { PwaBeEndpoint } from '../../../src/pwa-be/pwa-be.endpoint.js';

export const SECRET = 'upstream-secret-upstream-secret-32';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly socket: Socket;
}

/** A real HTTP server whose next answers the test decides; it records every request that arrived whole. */
export class FakeUpstream {
  readonly seen: Seen[] = [];
  handler: RequestListener = (_request, response) => json(response, []);
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => {
    void record(this.seen, request).then(() => this.handler(request, response));
  });

  async start(): Promise<this> {
    this.server.keepAliveTimeout = 60_000;
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  endpoint(overrides: Partial<PwaBeEndpoint> = {}): PwaBeEndpoint {
    const { port } = this.server.address() as AddressInfo;
    return {
      baseUrl: `http://127.0.0.1:${port}/api`,
      jwtSecret: SECRET,
      jwtClaims: {},
      timeoutMs: 10_000,
      ...overrides,
    };
  }

  /** Answers these in turn, then goes on with the last one. */
  script(...handlers: RequestListener[]): void {
    let next = 0;
    this.handler = (request, response) => handlers[Math.min(next++, handlers.length - 1)]?.(request, response);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function record(seen: Seen[], request: IncomingMessage): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { method = '', url = '', headers, socket } = request;
  seen.push({ method, url, headers, body, socket });
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export const answers =
  (value: unknown, status = 200): RequestListener =>
  (_request, response) =>
    json(response, value, status);

export const hangs: RequestListener = () => undefined;

/** Breaks the connection without an answer. */
export const resets: RequestListener = (request) => request.socket.resetAndDestroy();

/** Waits until the condition holds. */
export async function until(condition: () => boolean, boundMs = 5_000): Promise<void> {
  const end = performance.now() + boundMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${boundMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A port of the loopback where nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const SIGNAL = {
  id: 'sig_1',
  createdAt: '2026-06-04T00:00:00Z',
  active: true,
  profit: 1.5,
  symbol: 'BTCUSDT',
  signalType: 'open',
  marketType: 'crypto',
  strategyAlias: null,
  timeframe: '1h',
  positionSide: 'buy',
  positionType: 'long',
  quantity: 0.1,
  price: 60_000,
  takeProfit: 61_000,
  partialTakeProfit: 0,
  stopLoss: 59_000,
  signalCreatedAt: '2026-06-04T00:00:00Z',
  seen: true,
};
