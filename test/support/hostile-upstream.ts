import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { WIRE_READS, type WireRoute } from '../../src/pwa-be/wire-reads.js';
import { hostileText } from './hostile-text.js';
import { HostileWire } from './hostile-wire.js';

/** What pwa-be does: answers, with one field a megabyte long if it is told so; or refuses with a status. */
interface HostileMode {
  readonly large?: string;
  readonly reads?: number;
  readonly writes?: number;
}

/** A pwa-be that has turned against us: right shapes, hostile strings, refusals with hostile reasons. */
export interface HostileUpstream {
  readonly baseUrl: string;
  readonly wire: HostileWire;
  mode: HostileMode;
  stop(): Promise<void>;
}

const PATTERNS = (Object.keys(WIRE_READS) as WireRoute[]).map(
  (route) => [route, new RegExp(`^/api${route.replace('{id}', '([^/]+)')}$`)] as const,
);

/** Starts it on a free port. */
export async function startHostileUpstream(): Promise<HostileUpstream> {
  const wire = new HostileWire();
  const upstream = { baseUrl: '', wire, mode: {} as HostileMode, stop: async () => undefined as void };
  const bodyOf = remembering(wire);
  const server = createServer((request, response) => answer(request, response, bodyOf, upstream.mode));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  upstream.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  upstream.stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return upstream;
}

/** What is asked for again is answered with the same bytes: making megabytes anew would be most of a test's time. */
function remembering(wire: HostileWire) {
  const bodies = new Map<string, Buffer>();
  let of: HostileMode | undefined;
  return (mode: HostileMode, key: string, make: (wire: HostileWire) => unknown): Buffer => {
    if (of !== mode) bodies.clear();
    of = mode;
    const body = bodies.get(key) ?? Buffer.from(JSON.stringify(make(wire)));
    bodies.set(key, body);
    return body;
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  bodyOf: ReturnType<typeof remembering>,
  mode: HostileMode,
): void {
  request.resume();
  const { pathname } = new URL(request.url!, 'http://pwa-be');
  const found = PATTERNS.find(([, pattern]) => pattern.test(pathname));
  const isRead = request.method === 'GET';
  const status = isRead ? (mode.reads ?? (found === undefined ? 404 : 200)) : (mode.writes ?? 200);
  const id = found?.[1].exec(pathname)?.[1];
  const body = bodyOf(mode, `${status} ${pathname}`, (wire) => {
    if (status !== 200) return refusal(wire, status);
    return found === undefined ? {} : rowsOf(found[0], id, wire, mode);
  });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function rowsOf(route: WireRoute, id: string | undefined, wire: HostileWire, { large }: HostileMode): unknown {
  const body = wire.answer(WIRE_READS[route], route, large);
  // Somebody else's profile would be refused as such.
  return id === undefined ? body : { ...(body as object), id: decodeURIComponent(id) };
}

function refusal(wire: HostileWire, statusCode: number): object {
  const marker = `zqrefused${statusCode}qz`;
  wire.fields.set(marker, `refusal ${statusCode}`);
  return { statusCode, message: [hostileText(marker), hostileText(marker)], error: hostileText(marker) };
}
