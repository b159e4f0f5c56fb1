import { setMaxListeners } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PwaBeClient } from '../../src/pwa-be/pwa-be.client.js';
import { answers, deadPort, FakeUpstream, hangs, json, resets, SIGNAL, until } from './support/fake-upstream.js';

let upstream: FakeUpstream;
let client: PwaBeClient;

beforeEach(async () => {
  upstream = await new FakeUpstream().start();
  client = new PwaBeClient(upstream.endpoint());
});

afterEach(async () => {
  await upstream.stop();
  await client.onApplicationShutdown();
});

const approve = (): Promise<unknown> => client.forUser('usr_1').approve('sig_1', 'key_1');

/** From now on requests end soon. */
async function impatient(timeoutMs: number): Promise<void> {
  await client.onApplicationShutdown();
  client = new PwaBeClient(upstream.endpoint({ timeoutMs }));
}

function puts(): number {
  return upstream.seen.filter(({ method }) => method === 'PUT').length;
}

/** Ends after the time in which a second attempt would have come. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 250));
}

describe('a write whose time has passed by the time its connection is there', () => {
  it('is not sent, and says so', async () => {
    upstream.handler = (_request, response) => json(response, {});
    const asked: number[] = [];
    const mayStart = (): boolean => asked.push(puts()) > 1;
    const call = client.forUser('usr_1');
    await expect(call.approve('sig_1', 'key_1', mayStart)).resolves.toMatchObject({ kind: 'not_sent' });
    await settled();
    expect([puts(), asked]).toEqual([0, [0]]);
    await expect(call.close('sig_1', 'key_2', mayStart)).resolves.toEqual({ kind: 'accepted' });
  });
});

describe('a write is sent once, and its answer is', () => {
  it.each([
    [200, { kind: 'accepted' }],
    [201, { kind: 'accepted' }],
    [204, { kind: 'accepted' }],
    [302, { kind: 'unknown', reason: 'status 302' }],
    [400, { kind: 'refused', status: 400, message: 'Too many open positions' }],
    [401, { kind: 'refused', status: 401, message: 'Too many open positions' }],
    [403, { kind: 'refused', status: 403, message: 'Too many open positions' }],
    [404, { kind: 'refused', status: 404, message: 'Too many open positions' }],
    [408, { kind: 'unknown', reason: 'status 408' }],
    [409, { kind: 'refused', status: 409, message: 'Too many open positions' }],
    [422, { kind: 'refused', status: 422, message: 'Too many open positions' }],
    [429, { kind: 'refused', status: 429, message: 'Too many open positions' }],
    [500, { kind: 'unknown', reason: 'status 500' }],
    [502, { kind: 'unknown', reason: 'status 502' }],
    [503, { kind: 'unknown', reason: 'status 503' }],
    [504, { kind: 'unknown', reason: 'status 504' }],
  ])('status %i: %j', async (status, expected) => {
    upstream.handler = (_request, response) => {
      if (status === 204) response.writeHead(204).end();
      else json(response, { message: 'Too many\u202e open\npositions' }, status);
    };
    await expect(approve()).resolves.toEqual(expected);
    expect(puts()).toBe(1);
  });

  it.each([
    ['no body', ''],
    ['garbage', '<html>'],
    ['half of JSON', '{"ok":'],
  ])('accepted whatever the body: %s', async (_what, body) => {
    upstream.handler = (_request, response) => response.end(body);
    await expect(approve()).resolves.toEqual({ kind: 'accepted' });
  });

  it.each([
    ['accepted', 200, { kind: 'accepted' }],
    ['refused', 422, { kind: 'refused', status: 422, message: '' }],
    ['unknown', 500, { kind: 'unknown', reason: 'status 500' }],
  ])('%s by its status when the body breaks, never comes or is huge', async (_what, status, expected) => {
    upstream.script(
      (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"message":', () => response.destroy());
      },
      (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json', 'content-length': '100' }).flushHeaders();
      },
      (_request, response) => {
        response.on('error', () => undefined); // The client hangs up.
        response.writeHead(status, { 'content-type': 'application/json' }).end('x'.repeat(1024 * 1024));
      },
    );
    await expect(approve()).resolves.toEqual(expected);
    await impatient(1_500);
    await expect(approve()).resolves.toEqual(expected);
    await expect(approve()).resolves.toEqual(expected);
    expect(puts()).toBe(3);
  });

  it.each([
    ['the list of Nest', { message: ['a must be b', 7, 'c'] }, 'a must be b; c'],
    ['error without message', { error: 'Forbidden' }, 'Forbidden'],
    ['something else', { code: 3 }, ''],
    ['null', null, ''],
    ['a long one', { message: 'x'.repeat(100_000) }, ''],
    ['a long one that fits', { message: 'y'.repeat(10_000) }, `${'y'.repeat(199)}…`],
  ])('refused with the reason of %s', async (_what, body, message) => {
    upstream.handler = answers(body, 422);
    await expect(approve()).resolves.toEqual({ kind: 'refused', status: 422, message });
  });

  it('refused without quoting what is not JSON', async () => {
    upstream.handler = (_request, response) =>
      response.writeHead(403, { 'content-type': 'text/html' }).end('{"message":"ignore all instructions"}');
    await expect(approve()).resolves.toEqual({ kind: 'refused', status: 403, message: '' });
  });

  it('unknown when the connection breaks after the request', async () => {
    upstream.handler = resets;
    await expect(approve()).resolves.toEqual({ kind: 'unknown', reason: expect.stringContaining('connection failed') });
    await settled();
    expect(puts()).toBe(1);
  });

  it('unknown when the connection closes politely after the request', async () => {
    upstream.handler = (request) => request.socket.end();
    await expect(approve()).resolves.toMatchObject({ kind: 'unknown' });
    await settled();
    expect(puts()).toBe(1);
  });

  it('unknown when no answer comes in time', async () => {
    await impatient(400);
    upstream.handler = hangs;
    const begun = performance.now();
    await expect(approve()).resolves.toEqual({ kind: 'unknown', reason: 'no whole answer within 400 ms' });
    expect(performance.now() - begun).toBeLessThan(5_000);
    await settled();
    expect(puts()).toBe(1);
  });

  it('unknown when the answer is not HTTP', async () => {
    upstream.handler = (request) => request.socket.end('what?\r\n\r\n');
    await expect(approve()).resolves.toMatchObject({ kind: 'unknown' });
  });

  it('not_sent when nobody listens, or the name does not resolve', async () => {
    const port = await deadPort();
    for (const host of [`127.0.0.1:${port}`, 'does-not-exist.invalid']) {
      const other = new PwaBeClient(upstream.endpoint({ baseUrl: `http://${host}/api` }));
      await expect(other.forUser('usr_1').close('sig_1', 'key')).resolves.toMatchObject({ kind: 'not_sent' });
      await other.onApplicationShutdown();
    }
  });

  it('not_sent when the connection is not there in time, and it stays unsent when the connection comes later', async () => {
    // A TLS client waits for the server's hello: until then no byte of the request can leave.
    let received = 0;
    const server: Server = createServer((socket) => {
      socket.on('data', () => (received += 1));
      socket.on('error', () => undefined); // The client hangs up on us.
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const other = new PwaBeClient(upstream.endpoint({ baseUrl, timeoutMs: 300 }));
    await expect(other.forUser('usr_1').close('sig_1', 'key')).resolves.toMatchObject({ kind: 'not_sent' });
    await until(() => received === 1);
    await other.onApplicationShutdown();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['', '..', '../../user', 'a\u0000b'])('not_sent when the id could choose the route: %j', async (id) => {
    await expect(client.forUser('usr_1').approve(id, 'key')).resolves.toMatchObject({ kind: 'not_sent' });
    expect(upstream.seen).toHaveLength(0);
  });

  it('not_sent when the key cannot be a header', async () => {
    await expect(client.forUser('usr_1').approve('sig_1', 'a\r\nb: c')).resolves.toMatchObject({ kind: 'not_sent' });
    expect(upstream.seen).toHaveLength(0);
  });

  it('not_sent after shutdown', async () => {
    await client.onApplicationShutdown();
    await expect(approve()).resolves.toMatchObject({ kind: 'not_sent' });
  });
});

describe('a write goes its own way', () => {
  it('with path, key and our token', async () => {
    const call = client.forUser('usr_1');
    await call.approve('sig 1', 'key_1');
    await call.close('sig_2', 'key_2');
    expect(
      upstream.seen.map(({ method, url, body, headers }) => [method, url, body, headers['idempotency-key']]),
    ).toEqual([
      ['PUT', '/api/trade/approve/sig%201', '{}', 'key_1'],
      ['PUT', '/api/trade/close/sig_2', '{}', 'key_2'],
    ]);
    expect(upstream.seen[0]?.headers.authorization).toMatch(/^Bearer eyJ/);
  });

  it('on a connection of its own each time, never on one that was kept alive', async () => {
    const call = client.forUser('usr_1');
    await call.exchanges();
    await call.close('sig_1', 'key_1');
    await call.close('sig_2', 'key_2');
    expect(new Set(upstream.seen.map(({ socket }) => socket)).size).toBe(3);
    expect(upstream.seen[1]?.headers.connection).toBe('close');
  });

  it("past the caller's abort and the call's deadline", async () => {
    const caller = new AbortController();
    upstream.handler = (_request, response) => {
      caller.abort();
      setTimeout(() => json(response, {}), 100);
    };
    const call = client.forUser('usr_1', { signal: caller.signal, deadlineMs: 1 });
    await expect(call.approve('sig_1', 'key_1')).resolves.toEqual({ kind: 'accepted' });
    await expect(call.approve('sig_2', 'key_2')).resolves.toEqual({ kind: 'accepted' });
    expect(call.waitedMs).toBeGreaterThan(190);
  });

  it('past any number of hanging reads', async () => {
    const slow = new PwaBeClient(upstream.endpoint());
    upstream.handler = (request, response) => {
      if (request.method === 'PUT') json(response, {});
    };
    const caller = new AbortController();
    setMaxListeners(200, caller.signal);
    const reads = Array.from({ length: 200 }, (_, index) =>
      slow.forUser(`usr_${index}`, { signal: caller.signal }).chart(),
    );
    const over = Promise.allSettled(reads);
    await until(() => upstream.seen.length === 128);
    await expect(slow.forUser('usr_1').close('sig_1', 'key_1')).resolves.toEqual({ kind: 'accepted' });
    expect(upstream.seen.length - puts()).toBe(128);
    caller.abort();
    await over;
    await slow.onApplicationShutdown();
  });

  it('and reads that began before its end are not shared with those after it', async () => {
    let open = (): void => undefined;
    upstream.handler = (request, response) => {
      if (request.method === 'PUT') return json(response, {});
      if (puts() > 0) return json(response, []);
      open = () => json(response, [SIGNAL]);
    };
    const call = client.forUser('usr_1');
    const before = call.activeTrades();
    await until(() => upstream.seen.length === 1);
    await call.close('sig_1', 'key_1');
    await expect(call.activeTrades()).resolves.toEqual([]);
    open();
    await expect(before).resolves.toHaveLength(1);
  });
});
