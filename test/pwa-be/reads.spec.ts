import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '../../src/errors/app-error.js';
import { PwaBeUserDirectory } from '../../src/pwa-be/pwa-be-user-directory.js';
import { PwaBeClient } from '../../src/pwa-be/pwa-be.client.js';
import {
  answers,
  deadPort,
  FakeUpstream,
  hangs,
  json,
  resets,
  SECRET,
  SIGNAL,
  until,
} from './support/fake-upstream.js';

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

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`not an AppError: ${String(error)}`);
  return error;
}

/** Every message from the error down its causes. */
function logText(error: unknown): string {
  return error instanceof Error ? `${error.message} | ${logText(error.cause)}` : String(error);
}

async function elsewhere(baseUrl: string, timeoutMs = 10_000): Promise<PwaBeClient> {
  await client.onApplicationShutdown();
  client = new PwaBeClient(upstream.endpoint({ baseUrl, timeoutMs }));
  return client;
}

describe('what pwa-be answers', () => {
  it.each([
    [301, 'upstream_invalid', 1],
    [400, 'upstream_rejected', 1],
    [401, 'upstream_unauthorized', 1],
    [403, 'upstream_rejected', 1],
    [404, 'upstream_not_found', 1],
    [408, 'upstream_timeout', 1],
    [422, 'upstream_rejected', 1],
    [429, 'upstream_unavailable', 1],
    [500, 'upstream_unavailable', 1],
    [501, 'upstream_unavailable', 1],
    [502, 'upstream_unavailable', 2],
    [503, 'upstream_unavailable', 2],
    [504, 'upstream_unavailable', 2],
  ])('status %i is %s after %i attempts', async (status, code, attempts) => {
    upstream.handler = answers({ message: 'secret detail of pwa-be' }, status);
    const error = await failure(client.forUser('usr_1').access());
    expect(error.code).toBe(code);
    expect(upstream.seen).toHaveLength(attempts);
    expect(logText(error)).toContain(`GET /terminal/access: status ${status}`);
    expect(logText(error)).not.toContain('secret detail');
  });

  it('passes a Retry-After on, bounded', async () => {
    upstream.handler = (_request, response) => response.writeHead(429, { 'retry-after': '7' }).end();
    expect((await failure(client.forUser('usr_1').access())).retryAfterSeconds).toBe(7);
    upstream.handler = (_request, response) => response.writeHead(429, { 'retry-after': '86400' }).end();
    expect((await failure(client.forUser('usr_1').access())).retryAfterSeconds).toBe(60);
  });

  it.each(['', '<html>poisoned</html>', '{"tier":', 'null', '[]', '{"tier":7,"x":"poisoned"}'])(
    'a body of %j is upstream_invalid, and its content stays out of the log',
    async (body) => {
      upstream.handler = (_request, response) => response.end(body);
      const error = await failure(client.forUser('usr_1').access());
      expect(error.code).toBe('upstream_invalid');
      expect(logText(error)).toContain('GET /terminal/access');
      expect(logText(error)).not.toContain('poisoned');
      expect(upstream.seen).toHaveLength(1);
    },
  );

  it('one row of an unknown shape fails the whole answer, and the cause says where', async () => {
    upstream.handler = answers([SIGNAL, { ...SIGNAL, positionType: 'poisoned' }, { ...SIGNAL, profit: '1' }]);
    const error = await failure(client.forUser('usr_1').activeSignals());
    expect(error.code).toBe('upstream_invalid');
    expect(logText(error)).toContain('1.positionType');
    expect(logText(error)).toContain('2.profit');
    expect(logText(error)).not.toContain('poisoned');
  });

  it('drops what it does not know and keeps unknown enum values as strings', async () => {
    upstream.handler = answers([{ ...SIGNAL, indicators: { rsi: 1 }, marketType: 'bonds', signalType: 'hedge' }]);
    const [signal] = await client.forUser('usr_1').activeSignals();
    expect(signal).toMatchObject({ marketType: 'bonds', signalType: 'hedge', openSignalId: null });
    expect(signal).not.toHaveProperty('indicators');
  });

  it('refuses a body beyond the cap without reading on', async () => {
    let written = 0;
    upstream.handler = (_request, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(256 * 1024, 0x20);
      const pump = (): void => {
        if (response.destroyed || written > 64 * 1024 * 1024) return;
        written += chunk.length;
        response.write(chunk, pump);
      };
      pump();
    };
    expect((await failure(client.forUser('usr_1').access())).code).toBe('upstream_invalid');
    expect(written).toBeLessThan(32 * 1024 * 1024);
    expect(upstream.seen).toHaveLength(1);
  });

  it('refuses the profile of somebody else', async () => {
    const user = { id: 'usr_2', email: 'b@example.com', username: null, referralCode: null, createdAt: 'x' };
    upstream.handler = answers(user);
    expect((await failure(client.forUser('usr_1').user())).code).toBe('upstream_invalid');
    expect((await client.forUser('usr_2').user()).id).toBe('usr_2');
  });
});

describe('the connection', () => {
  it('is retried once when it breaks before the answer', async () => {
    upstream.script(resets, answers({ tier: 'pro' }));
    await expect(client.forUser('usr_1').access()).resolves.toEqual({ tier: 'pro' });
    expect(upstream.seen).toHaveLength(2);
  });

  it('is retried once when it breaks within the answer', async () => {
    upstream.script(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"tier":', () => response.destroy());
      },
      answers({ tier: 'pro' }),
    );
    await expect(client.forUser('usr_1').access()).resolves.toEqual({ tier: 'pro' });
  });

  it('gives up after the second time', async () => {
    upstream.handler = resets;
    expect((await failure(client.forUser('usr_1').access())).code).toBe('upstream_unavailable');
    expect(upstream.seen).toHaveLength(2);
  });

  it('refused, and a name that does not resolve', async () => {
    const port = await deadPort();
    for (const host of [`127.0.0.1:${port}`, 'does-not-exist.invalid']) {
      const other = await elsewhere(`http://${host}/api`);
      expect((await failure(other.forUser('usr_1').access())).code).toBe('upstream_unavailable');
    }
  });

  it('that does not speak HTTP', async () => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined); // The client hangs up on us.
      socket.resume();
      socket.end('SSH-2.0-OpenSSH_9.9\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const other = await elsewhere(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await failure(other.forUser('usr_1').access())).code).toBe('upstream_unavailable');
    await new Promise((resolve) => server.close(resolve));
  });

  it('is kept alive and used again', async () => {
    upstream.handler = answers({ tier: 'pro' });
    const call = client.forUser('usr_1');
    for (let i = 0; i < 20; i++) await call.access();
    // Two, because undici rests a connection for one turn of the event loop before it takes the next request.
    expect(new Set(upstream.seen.map(({ socket }) => socket)).size).toBeLessThanOrEqual(2);
  });
});

describe('time', () => {
  it.each([
    ['nothing comes', hangs],
    ['headers come, the body does not', answersHeadOnly],
    ['the body trickles', trickles],
  ])('a request ends at its timeout when %s, and is not tried again', async (_what, handler) => {
    const slow = await elsewhere(upstream.endpoint().baseUrl, 200);
    upstream.handler = handler;
    const begun = performance.now();
    const call = slow.forUser('usr_1');
    expect((await failure(call.access())).code).toBe('upstream_timeout');
    const elapsed = performance.now() - begun;
    expect(elapsed).toBeGreaterThan(190);
    expect(elapsed).toBeLessThan(5_000);
    expect(call.waitedMs).toBeGreaterThan(190);
    expect(call.waitedMs).toBeLessThanOrEqual(elapsed + 1);
    expect(upstream.seen).toHaveLength(1);
  });

  it('a call ends at its deadline, and the request with it', async () => {
    upstream.handler = hangs;
    const call = client.forUser('usr_1', { deadlineMs: 150 });
    expect((await failure(call.access())).code).toBe('upstream_timeout');
    await until(() => upstream.seen[0]?.socket.destroyed === true);
    expect((await failure(call.chart())).code).toBe('upstream_timeout');
    expect(upstream.seen).toHaveLength(1);
  });

  it('the deadline covers all reads of a call together, retries included', async () => {
    upstream.handler = (_request, response) => {
      setTimeout(() => json(response, {}, 503), 120);
    };
    const begun = performance.now();
    expect((await failure(client.forUser('usr_1', { deadlineMs: 200 }).access())).code).toBe('upstream_timeout');
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('waiting counts once for reads side by side', async () => {
    upstream.handler = (_request, response) => {
      setTimeout(() => json(response, []), 100);
    };
    const call = client.forUser('usr_1');
    const begun = performance.now();
    await Promise.all([call.exchanges(), call.subscriptions(), call.stakes()]);
    expect(call.waitedMs).toBeGreaterThan(90);
    expect(call.waitedMs).toBeLessThanOrEqual(performance.now() - begun + 1);
  });

  it('waiting goes on counting from the first of reads that overlap', async () => {
    upstream.handler = (_request, response) => {
      setTimeout(() => json(response, []), 120);
    };
    const call = client.forUser('usr_1');
    const first = call.exchanges();
    await until(() => call.waitedMs > 60);
    await Promise.all([first, call.stakes()]);
    expect(call.waitedMs).toBeGreaterThan(170);
  });

  it('an abort of the caller ends the read as cancelled, and the request with it', async () => {
    upstream.handler = hangs;
    const caller = new AbortController();
    const read = failure(client.forUser('usr_1', { signal: caller.signal }).access());
    await until(() => upstream.seen.length === 1);
    caller.abort();
    expect((await read).code).toBe('cancelled');
    await until(() => upstream.seen[0]?.socket.destroyed === true);
  });

  it('an abort before the read sends nothing', async () => {
    const call = client.forUser('usr_1', { signal: AbortSignal.abort() });
    expect((await failure(call.access())).code).toBe('cancelled');
    expect(upstream.seen).toHaveLength(0);
  });
});

describe('what pwa-be sees', () => {
  it('paths and queries', async () => {
    const page = { items: [SIGNAL], total: 1, page: 2, limit: 5, totalPages: 1 };
    upstream.handler = (request, response) => json(response, request.url?.includes('/history') ? page : []);
    const call = client.forUser('usr_1');
    await call.signalHistory({ page: 2, limit: 5, symbol: 'BTC&x=1' });
    await call.tradeHistory({ page: 2, limit: 5 });
    await call.activeTrades();
    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/signal/history?page=2&limit=5&symbol=BTC%26x%3D1',
      'GET /api/trade/history?page=2&limit=5',
      'GET /api/trade/active',
    ]);
  });

  it.each(['', '..', '.', 'a/b', 'a\\b', 'a\nb', '\ud800', 'x'.repeat(201)])(
    'never a user id that could choose the route: %j',
    async (userId) => {
      expect((await failure(client.forUser(userId).user())).code).toBe('upstream_not_found');
      expect(upstream.seen).toHaveLength(0);
    },
  );

  it('an id that needs it is encoded', async () => {
    upstream.handler = answers({ id: 'auth0|a?b#c', email: 'x', createdAt: 'x' });
    await client.forUser('auth0|a?b#c').user();
    expect(upstream.seen[0]?.url).toBe('/api/user/auth0%7Ca%3Fb%23c');
  });

  it('a token that we signed for this very user, 60 s long, whatever the claims say', async () => {
    await client.onApplicationShutdown();
    const jwtClaims = { iss: 'tradecafe', role: 'user', sub: 'usr_9', iat: 1, exp: 9_999_999_999 };
    client = new PwaBeClient(upstream.endpoint({ jwtClaims }));
    const now = Math.floor(Date.now() / 1000);
    await client.forUser('usr_1').exchanges();
    const [header, payload, signature] =
      upstream.seen[0]?.headers.authorization?.replace(/^Bearer /, '').split('.') ?? [];
    const decode = (part = ''): Record<string, unknown> =>
      JSON.parse(Buffer.from(part, 'base64url').toString()) as never;
    expect(decode(header)).toEqual({ alg: 'HS256', typ: 'JWT' });
    const claims = decode(payload);
    expect(claims).toMatchObject({ iss: 'tradecafe', role: 'user', sub: 'usr_1' });
    expect(Math.abs(Number(claims['iat']) - now)).toBeLessThanOrEqual(2);
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60);
    expect(signature).toBe(createHmac('sha256', SECRET).update(`${header}.${payload}`).digest('base64url'));
  });

  it('the same token for a user while it lasts, another for another user', async () => {
    await client.forUser('usr_1').exchanges();
    await client.forUser('usr_1').stakes();
    await client.forUser('usr_2').stakes();
    const [first, second, third] = upstream.seen.map(({ headers }) => headers.authorization);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});

describe('PwaBeUserDirectory', () => {
  it('describes a user, says that there is none, and throws when it does not know', async () => {
    const directory = new PwaBeUserDirectory(client);
    upstream.handler = answers({ id: 'usr_1', email: 'x', username: 'de\u202emo', createdAt: 'x' });
    await expect(directory.describe('usr_1')).resolves.toEqual({ username: 'demo' });
    upstream.handler = answers({}, 404);
    await expect(directory.describe('usr_1')).resolves.toBeUndefined();
    for (const status of [401, 403, 500]) {
      upstream.handler = answers({}, status);
      await expect(directory.describe('usr_1')).rejects.toBeInstanceOf(AppError);
    }
  });
});

function answersHeadOnly(_request: unknown, response: Parameters<typeof json>[0]): void {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{');
}

function trickles(_request: unknown, response: Parameters<typeof json>[0]): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}
