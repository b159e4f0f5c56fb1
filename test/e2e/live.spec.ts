import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { PrismaService } from '../../src/database/prisma.service.js';
import { LIVE_SETTINGS, type LiveSettings } from '../../src/tools/live/live-settings.js';
import { openStream, type SseStream } from '../mcp/sse.js';
import { connect, postForm } from '../oauth/support/flow.js';
import {
  createEnvironment,
  type DemoName,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { mcpHeaders, modernRequest } from '../support/mcp.js';
import { until } from '../support/until.js';

const SIGNALS = 'tradecafe://signals/live';
const POSITIONS = 'tradecafe://positions/open';
const USERS = { demo: 'usr_demo_8f3a91', demo2: 'usr_demo_2b7c44' } as const;

/** Ten times a second, so that a test need not wait; how the interval changes, the unit tests say. */
const FAST: Partial<LiveSettings> = { fastestMs: 100, slowestMs: 100, firstRetryMs: 100, longestRetryMs: 100 };

let environment: Environment;
let app: TestApp;
const streams: SseStream[] = [];
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
});
beforeEach(() => void Object.assign(app.service.app.get<LiveSettings>(LIVE_SETTINGS), FAST));
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  expect(await until(openStreams, (count) => count === 0)).toBe(0);
  environment.sandbox.control.reset();
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

/** By the log, which has a row of every stream's beginning and one of its end. */
async function openStreams(): Promise<number> {
  const { auditEvent } = app.service.app.get(PrismaService);
  const begun = await auditEvent.count({ where: { operation: 'subscriptions/listen', outcome: 'ok' } });
  return begun - (await auditEvent.count({ where: { operation: 'subscriptions/ended' } }));
}

/** Opens a stream; the acknowledgement is still to be read. */
async function open(token: string, uris: readonly string[], at: TestApp = app): Promise<SseStream> {
  const { headers, body } = modernRequest('subscriptions/listen', { notifications: { resourceSubscriptions: uris } });
  const stream = await openStream(`${at.url}/mcp`, mcpHeaders(token, headers), body);
  streams.push(stream);
  return stream;
}

/** Opens a stream and reads its acknowledgement. */
async function listen(token: string, uris: readonly string[], at?: TestApp): Promise<SseStream> {
  const stream = await open(token, uris, at);
  const first = await stream.next();
  expect([first?.method, first?.params?.['notifications']]).toEqual([
    'notifications/subscriptions/acknowledged',
    { resourceSubscriptions: uris },
  ]);
  return stream;
}

const told = async (stream: SseStream): Promise<unknown> => (await stream.next())?.params?.['uri'];

/** All the rest of a stream, by method; a result is its type. */
async function rest(stream: SseStream): Promise<unknown[]> {
  const methods: unknown[] = [];
  for (let message = await stream.next(); message !== undefined; message = await stream.next()) {
    methods.push(message.method ?? message.result?.['resultType'] ?? message.error);
  }
  return methods;
}
const ENDED = ['complete'];

/** Requests to pwa-be for a user, by path. */
function requests(user: DemoName, path: string): number {
  const { reads } = environment.sandbox.control.requests.snapshot();
  return reads.filter((read) => read.user === USERS[user] && read.path === path).length;
}

/** Another price of one pair moves open positions; another take-profit changes a signal. */
function changePositions(user: DemoName): void {
  const { control } = environment.sandbox;
  const { trades } = control.data(USERS[user])!;
  control.replaceData(USERS[user], {
    trades: trades.map((row) => Object.assign({}, row, { positionCurrentPrice: (row.positionCurrentPrice ?? 1) + 1 })),
  });
}
function changeSignals(user: DemoName): void {
  const { control } = environment.sandbox;
  const { activeSignals } = control.data(USERS[user])!;
  control.replaceData(USERS[user], {
    activeSignals: activeSignals.map((row) => Object.assign({}, row, { takeProfit: row.takeProfit + 1 })),
  });
}
/** Puts a word into all open positions of a user. */
function mark(user: DemoName, word: string): void {
  const { control } = environment.sandbox;
  const { trades } = control.data(USERS[user])!;
  control.replaceData(USERS[user], { trades: trades.map((row) => Object.assign({}, row, { strategyAlias: word })) });
}
/** The different strategy names in the open positions, as a client reads them. */
async function strategiesOf(token: string): Promise<string[]> {
  const { headers, body } = modernRequest('resources/read', { uri: POSITIONS });
  const response = await fetch(`${app.url}/mcp`, {
    method: 'POST',
    headers: mcpHeaders(token, { ...headers, 'mcp-name': POSITIONS }),
    body: JSON.stringify(body),
  });
  const { result } = (await response.json()) as { result: { contents: [{ text: string }] } };
  const { positions } = JSON.parse(result.contents[0].text) as { positions: { strategy_alias: string }[] };
  return [...new Set(positions.map(({ strategy_alias }) => strategy_alias))];
}
/** Lets so many looks at a path pass. */
async function looks(user: DemoName, path: string, count: number): Promise<void> {
  const before = requests(user, path);
  const now = await until(
    () => requests(user, path),
    (n) => n >= before + count,
    20_000,
  );
  expect(now).toBeGreaterThanOrEqual(before + count);
}

describe('a stream', () => {
  it('is told what changed, and only when the content did', async () => {
    const { token } = await mintToken(app);
    const stream = await listen(token, [POSITIONS, SIGNALS]);
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    await looks('demo', '/trade/active', 3);
    changeSignals('demo');
    expect(await told(stream)).toBe(SIGNALS);
    // Fields that the public does not see are no change.
    const { control } = environment.sandbox;
    const { trades } = control.data(USERS.demo)!;
    control.replaceData(USERS.demo, { trades: trades.map((row) => Object.assign({}, row, { apiKey: 'changed' })) });
    await looks('demo', '/trade/active', 3);
    changePositions('demo');
    expect(await told(stream)).toBe(POSITIONS);
    await looks('demo', '/trade/active', 3);
    expect(stream.received).toBe(3);
  });

  it('reaches the client of SDK v2, which then reads what is new', async () => {
    const { token } = await mintToken(app);
    const client = new Client({ name: 'live', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${app.url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      }),
    );
    const updates: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updates.push(params.uri));
    const subscription = await client.listen({ resourceSubscriptions: [POSITIONS, 'tradecafe://account'] });
    expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: [POSITIONS] });
    const before = await client.readResource({ uri: POSITIONS });
    changePositions('demo');
    expect(
      await until(
        () => updates,
        (all) => all.length > 0,
      ),
    ).toEqual([POSITIONS]);
    expect(await client.readResource({ uri: POSITIONS })).not.toEqual(before);
    await subscription.close();
    expect(await subscription.closed).toBe('local');
    await client.close();
  });

  it('honours what can be listened to and what the token may read, and ends when that is nothing', async () => {
    const { token } = await mintToken(app, { scopes: ['read:signals'] });
    const all = [SIGNALS, POSITIONS, 'tradecafe://account', 'tradecafe://signals/sig_2026060402', 'file:///etc/passwd'];
    const some = await open(token, all);
    expect((await some.next())?.params?.['notifications']).toEqual({ resourceSubscriptions: [SIGNALS] });
    const none = await open(token, all.slice(1));
    expect((await none.next())?.params?.['notifications']).toEqual({});
    expect(await rest(none)).toEqual(ENDED);
    changePositions('demo');
    changeSignals('demo');
    expect(await told(some)).toBe(SIGNALS);
    expect(requests('demo', '/trade/active')).toBe(0);
  });

  it('of an app that lacks the scope is a step-up challenge', async () => {
    const { access } = await connect(app, { scope: 'read:signals' });
    const stream = await open(access, [SIGNALS, POSITIONS]);
    expect(stream.status).toBe(403);
    expect(stream.headers['www-authenticate']).toMatch(/insufficient_scope.*scope="read:signals read:positions"/);
    expect(await stream.next()).toMatchObject({ error: { data: { code: 'insufficient_scope' } } });
    expect((await listen(access, [SIGNALS])).status).toBe(200);
  });

  it('leaves a row of its beginning and one of its end, and none of what was looked at in between', async () => {
    const { id, token } = await mintToken(app, { name: 'listener' });
    const stream = await listen(token, [POSITIONS]);
    changePositions('demo');
    await told(stream);
    stream.close();
    const rows = await until(
      () =>
        app.service.app.get(PrismaService).auditEvent.findMany({ where: { credentialId: id }, orderBy: { id: 'asc' } }),
      (found) => found.length >= 2,
    );
    expect(rows).toMatchObject([
      {
        operation: 'subscriptions/listen',
        arguments: { uri: POSITIONS },
        outcome: 'ok',
        clientName: 'test-client 1.2.3',
      },
      { operation: 'subscriptions/ended', arguments: { uri: POSITIONS, notifications: 1 }, outcome: 'ok', code: null },
    ]);
    expect(rows[1]!.requestId).toBe(rows[0]!.requestId);
    expect(rows[1]!.durationMs).toBeGreaterThan(0);
  });

  it('has as many neighbours as one credential may have', async () => {
    const { token } = await mintToken(app);
    for (let i = 0; i < 32; i++) await listen(token, [SIGNALS]);
    expect(await (await open(token, [SIGNALS])).next()).toMatchObject({
      error: { code: -31_000, data: { code: 'stream_limit_reached' } },
    });
    streams[0]!.close();
    const again = await until(
      async () => (await (await open(token, [SIGNALS])).next())?.method,
      (method) => method !== undefined,
    );
    expect(again).toBe('notifications/subscriptions/acknowledged');
    // Another credential of the same user has streams of its own.
    await listen((await mintToken(app)).token, [SIGNALS]);
  });
});

describe('twenty streams of one user', () => {
  it('cost one look, whatever their credentials, and none once they are gone', async () => {
    Object.assign(app.service.app.get<LiveSettings>(LIVE_SETTINGS), { fastestMs: 1_000, slowestMs: 1_000 });
    const tokens = [(await mintToken(app)).token, (await mintToken(app)).token];
    const opened = await Promise.all(Array.from({ length: 20 }, (_, i) => listen(tokens[i % 2]!, [POSITIONS])));
    // All of them were shown the same first look.
    expect(requests('demo', '/trade/active')).toBeLessThanOrEqual(2);
    const from = requests('demo', '/trade/active');
    const startedAt = performance.now();
    await looks('demo', '/trade/active', 3);
    const seconds = (performance.now() - startedAt) / 1_000;
    // One second apart, a fifth shorter at the most: never twenty at a time.
    expect(requests('demo', '/trade/active') - from).toBeLessThanOrEqual(Math.ceil(seconds / 0.8) + 1);
    changePositions('demo');
    expect(new Set(await Promise.all(opened.map(told)))).toEqual(new Set([POSITIONS]));
    for (const stream of opened) stream.close();
    const quiet = await until(
      async () => {
        const before = requests('demo', '/trade/active');
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        return requests('demo', '/trade/active') - before;
      },
      (count) => count === 0,
      20_000,
    );
    expect(quiet).toBe(0);
    expect(requests('demo2', '/trade/active')).toBe(0);
  });
});

describe('two users', () => {
  it('never hear of each other, however their streams interleave', async () => {
    const tokens = { demo: (await mintToken(app)).token, demo2: (await mintToken(app, { user: 'demo2' })).token };
    const opened = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const user: DemoName = i % 2 === 0 ? 'demo' : 'demo2';
        return { user, stream: await listen(tokens[user], i % 4 < 2 ? [POSITIONS] : [POSITIONS, SIGNALS]) };
      }),
    );
    for (let round = 1; round <= 5; round++) {
      // Poison: a word in the one's answers that would show in the other's, were they ever mixed up.
      for (const user of ['demo', 'demo2'] as const) mark(user, `of ${user} ${round}`);
      await Promise.all(opened.map(({ stream }) => told(stream)));
      const words = await Promise.all(opened.map(({ user }) => strategiesOf(tokens[user])));
      expect(words).toEqual(opened.map(({ user }) => [`of ${user} ${round}`]));
      changePositions('demo');
      await Promise.all(opened.filter(({ user }) => user === 'demo').map(({ stream }) => told(stream)));
      await looks('demo2', '/trade/active', 2);
      expect(opened.map(({ user, stream }) => [user, stream.received])).toEqual(
        opened.map(({ user }) => [user, user === 'demo' ? 1 + 2 * round : 1 + round]),
      );
    }
    const { reads } = environment.sandbox.control.requests.snapshot();
    // One that is being answered has no user yet.
    const answered = reads.filter(({ status }) => status !== null);
    expect(new Set(answered.map(({ user }) => user))).toEqual(new Set(Object.values(USERS)));
  });
});

describe('the end of a credential', () => {
  it('ends its streams at once, and leaves the others', async () => {
    const [doomed, other] = [await mintToken(app), await mintToken(app)];
    const ending = [await listen(doomed.token, [SIGNALS]), await listen(doomed.token, [POSITIONS])];
    const staying = await listen(other.token, [SIGNALS]);
    const response = await (await sessionFetch(app))('DELETE', `/v1/tokens/${doomed.id}`);
    expect(response.status).toBe(204);
    expect(await Promise.all(ending.map(rest))).toEqual([ENDED, ENDED]);
    changeSignals('demo');
    expect(await told(staying)).toBe(SIGNALS);
    expect((await open(doomed.token, [SIGNALS])).status).toBe(401);
    const rows = await until(
      () =>
        app.service.app
          .get(PrismaService)
          .auditEvent.findMany({ where: { credentialId: doomed.id, operation: 'subscriptions/ended' } }),
      (found) => found.length >= 2,
    );
    expect(rows.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['denied', 'token_revoked'],
      ['denied', 'token_revoked'],
    ]);
  });

  it('ends them on every instance', async () => {
    const second = await startApp(environment);
    try {
      const doomed = await mintToken(app);
      const stream = await listen(doomed.token, [SIGNALS], second);
      await (
        await sessionFetch(app)
      )('DELETE', `/v1/tokens/${doomed.id}`);
      expect(await rest(stream)).toEqual(ENDED);
    } finally {
      await second.close();
    }
  });

  it('ends those of an app whose grant is revoked, or that gives its token back', async () => {
    const [first, second] = [
      await connect(app, { scope: 'read:signals' }),
      await connect(app, { scope: 'read:signals' }),
    ];
    const ending = [await listen(first.access, [SIGNALS]), await listen(second.access, [SIGNALS])];
    await postForm(app, '/oauth/revoke', { token: first.refresh, client_id: first.clientId });
    expect(await rest(ending[0]!)).toEqual(ENDED);
    const call = await sessionFetch(app);
    const { apps } = (await (await call('GET', '/v1/apps')).json()) as { apps: { id: string }[] };
    for (const { id } of apps) await call('DELETE', `/v1/apps/${id}`);
    expect(await rest(ending[1]!)).toEqual(ENDED);
  });

  it('by expiry ends them, too', async () => {
    const { access } = await connect(app, { scope: 'read:signals' });
    const prisma = app.service.app.get(PrismaService);
    const grant = await prisma.oauthGrant.findFirstOrThrow({
      where: { revokedAt: null },
      orderBy: { createdAt: 'desc' },
    });
    await prisma.oauthGrant.update({ where: { id: grant.id }, data: { expiresAt: new Date(Date.now() + 4_000) } });
    const stream = await listen(access, [SIGNALS]);
    expect(await rest(stream)).toEqual(ENDED);
    const row = await until(
      () => prisma.auditEvent.findFirst({ where: { credentialId: grant.id, operation: 'subscriptions/ended' } }),
      (found) => found !== null,
    );
    expect(row).toMatchObject({ outcome: 'denied', code: 'token_expired' });
  });

  it('that was not heard of is found when notifications come again; who may stay, stays', async () => {
    const [doomed, other] = [await mintToken(app), await mintToken(app)];
    const [ending, staying] = [await listen(doomed.token, [SIGNALS]), await listen(other.token, [SIGNALS])];
    const prisma = app.service.app.get(PrismaService);
    // As if the notification had been lost: the row says so, and nobody was told.
    await prisma.personalAccessToken.update({ where: { id: doomed.id }, data: { revokedAt: new Date() } });
    const cut = await prisma.$executeRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'tradecafe-mcp listen'`;
    expect(cut).toBe(1);
    expect(await rest(ending)).toEqual(ENDED);
    changeSignals('demo');
    expect(await told(staying)).toBe(SIGNALS);
  });
});

describe('a sick TradeCafe', () => {
  it('is no news: the stream stays, and hears of what changed meanwhile', async () => {
    const stream = await listen((await mintToken(app)).token, [SIGNALS]);
    environment.sandbox.control.fault({ kind: 'status', status: 500, path: '/signal/active' });
    await looks('demo', '/signal/active', 3);
    changeSignals('demo');
    await looks('demo', '/signal/active', 3);
    expect(stream.received).toBe(1);
    environment.sandbox.control.faults.clear();
    expect(await told(stream)).toBe(SIGNALS);
  });

  it('keeps nobody from listening; what was not seen at first is told as soon as it is', async () => {
    environment.sandbox.control.fault({ kind: 'status', status: 500, path: '/signal/active' });
    const stream = await listen((await mintToken(app)).token, [SIGNALS]);
    environment.sandbox.control.faults.clear();
    expect(await told(stream)).toBe(SIGNALS);
    await looks('demo', '/signal/active', 3);
    expect(stream.received).toBe(2);
  });
});

it('a shutdown ends all streams with a word, and each end stands in the log', async () => {
  const second = await startApp(environment);
  const { id, token } = await mintToken(second);
  const opened = [await listen(token, [SIGNALS], second), await listen(token, [POSITIONS], second)];
  const closed = second.close();
  expect(await Promise.all(opened.map(rest))).toEqual([ENDED, ENDED]);
  await closed;
  const rows = await app.service.app
    .get(PrismaService)
    .auditEvent.findMany({ where: { credentialId: id }, orderBy: { id: 'asc' } });
  expect(rows.map(({ operation, outcome }) => [operation, outcome])).toEqual([
    ['subscriptions/listen', 'ok'],
    ['subscriptions/listen', 'ok'],
    ['subscriptions/ended', 'ok'],
    ['subscriptions/ended', 'ok'],
  ]);
});
