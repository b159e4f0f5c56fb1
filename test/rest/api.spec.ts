import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ALL_SCOPES, type Scope } from '../../src/auth/scopes.js';
import { mintSession } from '../../src/auth/session/session-token.js';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import { API_READS, API_WRITES } from '../../src/tools/api/api-operations.js';
import { createEnvironment, type Environment, mintToken, signIn, startApp, type TestApp } from '../support/app.js';
import { type Answer, type Call, callWith, codeOf, patCall } from './gateway.js';

const POSITION = 'pos_2026060401';
const SIGNAL = 'sig_2026060402';

let environment: Environment;
let app: TestApp;
let call: Call;
beforeAll(async () => {
  environment = await createEnvironment({ COMMITS_PER_HOUR: '1000' });
  app = await startApp(environment);
  call = await patCall(app);
});
afterEach(() => environment.sandbox.control.reset());
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const address = (path: string, id: string = DEMO_USER.id): string => `/api${path.replace(':id', id)}`;
const put = (as: Call, path: string, key: string | undefined = randomUUID(), body: unknown = {}): Promise<Answer> =>
  as('PUT', `/api${path}`, { body, headers: key === undefined ? {} : { 'idempotency-key': key } });

/** What no answer may hold: secrets, money at rest, and what pwa-be knows besides. */
const SECRETS = [
  /SYNTHETIC-API-KEY/,
  /TSYNTHETICWITHDRAWADDRESS/,
  /INTERNAL-INDICATOR/,
  /INTERNAL-PARAMETER/,
  /98765\.43|55555\.55|1234\.56/,
  /apiKey|withdrawAddress|balance|invoiceId|indicator|parameter/i,
];

describe('a read at /api', () => {
  /** As the tables of the public interface say, not as the code does. */
  const SCOPES: Readonly<Record<string, readonly Scope[]>> = {
    '/user/me': ['read:account', 'read:referrals'],
    '/user/:id': ['read:account', 'read:referrals'],
    '/terminal/access': ['read:account', 'read:billing'],
    '/terminal/exchange': ['read:account'],
    '/subscription/user': ['read:account', 'read:billing'],
    '/signal/active': ['read:signals'],
    '/signal/history': ['read:signals'],
    '/trade/active': ['read:positions', 'write:trades'],
    '/trade/history': ['read:positions'],
    '/trade/user/chart': ['read:positions'],
    '/staking/client': ['read:pool'],
    '/referral/stats': ['read:referrals'],
  };

  it('is open under its scopes, and under no other', async () => {
    expect(API_READS.map(({ path }) => path).sort()).toEqual(Object.keys(SCOPES).sort());
    const opened: Record<string, Scope[]> = Object.fromEntries(Object.keys(SCOPES).map((path) => [path, []]));
    for (const scope of ALL_SCOPES) {
      const narrow = await patCall(app, { scopes: [scope] });
      for (const path of Object.keys(SCOPES)) {
        const answer = await narrow('GET', address(path));
        if (answer.status === 200) opened[path]!.push(scope);
        else {
          expect([path, answer.status, codeOf(answer)]).toEqual([path, 403, 'insufficient_scope']);
          expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
        }
      }
    }
    expect(opened).toEqual(SCOPES);
  });

  it('answers fields of an allow-list, and nothing that must not leave', async () => {
    const { control } = environment.sandbox;
    for (const [user, name] of [
      [DEMO_USER.id, 'demo'],
      [SECOND_DEMO_USER.id, 'demo2'],
    ] as const) {
      const data = control.data(user)!;
      const poisoned = <Row extends object>(rows: Row[]): Row[] =>
        rows.map((row) => ({ ...row, indicators: 'INTERNAL-INDICATOR', parameters: ['INTERNAL-PARAMETER'] }));
      control.replaceData(user, {
        ...data,
        profile: { ...data.profile, secret: 'INTERNAL-PARAMETER' },
        activeSignals: poisoned(data.activeSignals),
        history: poisoned(data.history),
        trades: poisoned(data.trades),
        tradeHistory: poisoned(data.tradeHistory),
        stakes: poisoned(data.stakes),
        exchanges: poisoned(data.exchanges),
      });
      const as = await patCall(app, { user: name });
      for (const { path } of API_READS) {
        const { status, text } = await as('GET', address(path, user));
        expect([path, status]).toEqual([path, 200]);
        for (const secret of SECRETS) expect([path, secret.exec(text)?.[0]]).toEqual([path, undefined]);
      }
    }
  });

  it('tells who may see referrals only no more of the profile than the code', async () => {
    const narrow = await patCall(app, { scopes: ['read:referrals'] });
    expect((await narrow('GET', '/api/user/me')).body).toEqual({ id: DEMO_USER.id, referralCode: 'DEMO27' });
  });

  it("another user's profile is a 404, like one that is not there", async () => {
    for (const id of [SECOND_DEMO_USER.id, 'nobody', DEMO_USER.id.toUpperCase(), `${DEMO_USER.id}%20`]) {
      const answer = await call('GET', `/api/user/${id}`);
      expect([id, answer.status, codeOf(answer)]).toEqual([id, 404, 'not_found']);
    }
  });

  it('is one of the listed paths and methods, or nothing at all', async () => {
    for (const [method, path, status, allow] of [
      ['GET', '/api', 404, null],
      ['GET', '/api/user', 404, null],
      ['GET', '/api/user/me/balance', 404, null],
      ['GET', '/api/wallet', 404, null],
      ['PUT', '/api/wallet', 404, null],
      ['GET', '/api/__sandbox/journal', 404, null],
      ['GET', `/api/trade/approve/${SIGNAL}`, 405, 'PUT'],
      ['POST', '/api/signal/active', 405, 'GET, HEAD'],
      ['DELETE', '/api/terminal/exchange', 405, 'GET, HEAD'],
      ['PUT', '/api/user/me', 405, 'GET, HEAD'],
      ['PATCH', '/api/user/me', 405, 'GET, HEAD'],
    ] as const) {
      const answer = await call(method, path);
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([method, path, status, allow]);
    }
    expect(environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
  });

  it.each([
    '/api/signal/history?page=0',
    '/api/signal/history?limit=201',
    '/api/signal/history?page=1&page=2',
    '/api/signal/history?symbol=btc',
    '/api/trade/history?symbol=BTCUSDT',
    '/api/signal/active?user=usr_demo_2b7c44',
    '/api/user/me?id=usr_demo_2b7c44',
    `/api/user/${DEMO_USER.id}?id=usr_demo_2b7c44`,
  ])('%s is refused', async (path) => {
    expect(codeOf(await call('GET', path))).toBe('invalid_arguments');
  });

  it('a failed one is an error that says what failed', async () => {
    environment.sandbox.control.fault({ path: '/staking/client', kind: 'status', status: 500 });
    expect(codeOf(await call('GET', '/api/staking/client'))).toBe('upstream_unavailable');
  });
});

describe('a write at /api', () => {
  it('needs a look of the same credential at /trade/active, an Idempotency-Key, and the scope', async () => {
    const fresh = await patCall(app);
    expect(codeOf(await put(fresh, `/trade/close/${POSITION}`))).toBe('trade_not_read');
    await fresh('GET', '/api/trade/active');
    expect(codeOf(await put(fresh, `/trade/close/${POSITION}`, ''))).toBe('idempotency_key_required');
    const reader = await patCall(app, { scopes: ['read:positions'] });
    await reader('GET', '/api/trade/active');
    const refused = await put(reader, `/trade/close/${POSITION}`);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'insufficient_scope']);
    expect(refused.headers.get('www-authenticate')).toContain('write:trades');
    expect(environment.sandbox.control.journal()).toEqual([]);
  });

  it('is answered as pwa-be does, with an empty body; repeated with its key, too, and without another effect', async () => {
    expect(API_WRITES.map(({ path }) => path)).toEqual(['/trade/approve/:id', '/trade/close/:id']);
    for (const [path, action] of [
      [`/trade/approve/${SIGNAL}`, 'approve'],
      [`/trade/close/${POSITION}`, 'close'],
    ]) {
      await call('GET', '/api/trade/active');
      const key = randomUUID();
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const answer = await put(call, path!, key);
        expect([answer.status, answer.text, answer.headers.get('content-length')]).toEqual([200, '', '0']);
      }
      expect(environment.sandbox.control.journal().at(-1)).toMatchObject({ action, user: DEMO_USER.id });
    }
    expect(environment.sandbox.control.journal()).toHaveLength(2);
  });

  it.each([[{ id: 'other' }], [{ force: true }], [[1]], ['text']])(
    'with a body that says more (%j) is refused',
    async (body) => {
      await call('GET', '/api/trade/active');
      expect(codeOf(await put(call, `/trade/close/${POSITION}`, randomUUID(), body))).toBe('invalid_arguments');
      expect(environment.sandbox.control.journal()).toEqual([]);
    },
  );

  it("passes pwa-be's own no on as a problem", async () => {
    await call('GET', '/api/trade/active');
    environment.sandbox.control.settings({ drawdown_pct: 40 });
    const answer = await put(call, `/trade/approve/${SIGNAL}`);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'commit_refused']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe("the site's own session token", () => {
  const session = (userId: string = DEMO_USER.id, seconds = 600): Promise<string> =>
    mintSession(userId, app.config.secrets.sessionJwtSecret, seconds);

  it('is a bearer here, reads and writes, and stands in the log as what it is', async () => {
    const as = callWith(app, await session());
    expect((await as('GET', '/api/user/me')).body).toMatchObject({ id: DEMO_USER.id });
    await as('GET', '/api/trade/active');
    expect((await put(as, `/trade/close/${POSITION}`)).status).toBe(200);
    const database = new Client({ connectionString: environment.database.url });
    await database.connect();
    const { rows } = await database.query(
      `SELECT DISTINCT credential_kind AS kind, operation FROM audit_events WHERE transport = 'api'`,
    );
    await database.end();
    expect(rows).toContainEqual({ kind: 'session', operation: 'PUT /api/trade/close/:id' });
  });

  it('is never taken from a cookie', async () => {
    const answer = await callWith(app, undefined)('GET', '/api/user/me', { headers: { cookie: await signIn(app) } });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'token_missing']);
  });

  it('expired, forged or with a key of ours is a 401', async () => {
    const forged = await mintSession(DEMO_USER.id, 'x'.repeat(40), 600);
    const upstream = await mintSession(DEMO_USER.id, app.config.secrets.pwaBeJwtSecret, 600);
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged.split('.')[1]}.x`;
    for (const token of [await session(DEMO_USER.id, -60), forged, upstream, none, 'a.b.c']) {
      const answer = await callWith(app, token)('GET', '/api/user/me');
      expect([answer.status, codeOf(answer)]).toEqual([401, 'token_invalid']);
      expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
    }
  });

  it('is refused where the operator says so', async () => {
    const closed = await startApp(environment, { API_ACCEPT_SESSION: 'false' });
    try {
      expect((await callWith(closed, await session())('GET', '/api/user/me')).status).toBe(401);
      expect((await callWith(closed, (await mintToken(closed)).token)('GET', '/api/user/me')).status).toBe(200);
    } finally {
      await closed.close();
    }
  });
});
