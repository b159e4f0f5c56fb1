import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fetch } from './backend.js';
import { remoteFetch } from './remote-fetch.js';

const TIMEOUT_MS = 300;

describe('remoteFetch', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  async function listen(answer: RequestListener): Promise<string> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
  const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

  it('gives up on an answer that does not begin', async () => {
    const url = await listen(() => undefined);
    const started = performance.now();
    expect(await outcome(remoteFetch(TIMEOUT_MS)(url))).toMatchObject({ code: 'backend_timeout' });
    expect(performance.now() - started).toBeGreaterThan(TIMEOUT_MS - 50);
  });

  it('lets an answer that has begun last as long as it likes', async () => {
    let given: AbortSignal | null | undefined;
    const network: Fetch = async (_url, init) => {
      given = init?.signal;
      return new Response('begun');
    };
    expect((await remoteFetch(1, network)('https://backend.example/')).status).toBe(200);
    await delay(50);
    expect(given?.aborted).toBe(false);
  });

  it('names what cannot be reached, and why', async () => {
    const url = await listen(() => undefined);
    server!.close();
    await once(server!, 'close');
    expect(await outcome(remoteFetch(TIMEOUT_MS)(url))).toMatchObject({
      code: 'backend_unreachable',
      detail: `${new URL(url).host} (ECONNREFUSED).`,
    });
  });

  it('is cut by its caller, who hears their own reason', async () => {
    const url = await listen(() => undefined);
    const given = new AbortController();
    const waiting = outcome(remoteFetch(60_000)(url, { signal: given.signal }));
    await delay(20);
    given.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
  });
});
