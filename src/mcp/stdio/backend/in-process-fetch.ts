import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Fetch } from './backend.js';

/** The answers that have no body (Fetch, null body status). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * `fetch` to an application of this process that listens nowhere: the same routes, guards and streams as over HTTP.
 * An aborted request is for the application a client that has gone away.
 */
export function inProcessFetch(fastify: FastifyInstance): Fetch {
  return async (url, init) => {
    const { pathname, search, host } = new URL(url);
    const response = await fastify.inject({
      method: (init?.method ?? 'GET') as 'GET' | 'POST',
      url: pathname + search,
      headers: { host, ...Object.fromEntries(new Headers(init?.headers)) },
      payload: typeof init?.body === 'string' ? init.body : undefined,
      signal: init?.signal ?? undefined,
      payloadAsStream: true,
    });
    const body = WITHOUT_BODY.has(response.statusCode) ? null : Readable.toWeb(response.stream());
    return new Response(body as ReadableStream | null, {
      status: response.statusCode,
      headers: Object.entries(response.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((one): [string, string] => [name, String(one)]),
      ),
    });
  };
}
