import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mintSession } from '../../src/auth/session/session-token.js';
import { DEMO_USER } from '../../src/config/demo.js';
import { createEnvironment, type Environment, sessionFetch, startApp, type TestApp } from '../support/app.js';

type Call = Awaited<ReturnType<typeof sessionFetch>>;
type Json = Record<string, unknown>;

const BODY = { name: 'laptop', scopes: ['read:account', 'read:positions'] };

let environment: Environment;
let app: TestApp;
let mine: Call;
let theirs: Call;

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});
beforeEach(async () => {
  [mine, theirs] = [await sessionFetch(app, 'demo'), await sessionFetch(app, 'demo2')];
  for (const call of [mine, theirs]) {
    const { tokens } = (await (await call('GET', '/v1/tokens')).json()) as { tokens: { id: string }[] };
    for (const { id } of tokens) await call('DELETE', `/v1/tokens/${id}`);
  }
});

async function json(response: Response): Promise<Json> {
  return (await response.json()) as Json;
}

const siteCookie = async (): Promise<string> =>
  `auth=${await mintSession(DEMO_USER.id, app.config.secrets.sessionJwtSecret, 600)}`;

/** Whether /mcp lets this token in; what it answers beyond that is another room's. */
async function opens(token: string): Promise<boolean> {
  const response = await fetch(`${app.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  return response.status !== 401;
}

describe('GET /v1/session', () => {
  it('tells who is signed in, and the CSRF token', async () => {
    const response = await mine('GET', '/v1/session');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await json(response)).toEqual({
      user_id: 'usr_demo_8f3a91',
      username: 'demo_user',
      csrf_token: expect.stringMatching(/^[\w-]{43}$/),
      frozen_at: null,
    });
  });

  it('is a problem without a session', async () => {
    const response = await fetch(`${app.url}/v1/session`);
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await json(response)).toMatchObject({ code: 'session_required', request_id: expect.any(String) });
  });
});

describe('/v1/tokens', () => {
  it('creates a token, shows it once, and lists it without', async () => {
    const response = await mine('POST', '/v1/tokens', { ...BODY, expires_in_days: 90, max_trade_usdt: 250.5 });
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const created = await json(response);
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'laptop',
      hint: expect.stringMatching(/^tc_pat_[0-9A-Za-z]{3}…$/),
      scopes: BODY.scopes,
      max_trade_usdt: 250.5,
      write_policy: 'token_only',
      created_at: expect.stringMatching(/Z$/),
      last_used_at: null,
      last_used_ip: null,
      expires_at: expect.stringMatching(/Z$/),
      revoked_at: null,
      token: expect.stringMatching(/^tc_pat_[0-9A-Za-z]{50}$/),
    });
    const { token, ...shown } = created;
    const listed = await (await mine('GET', '/v1/tokens')).text();
    expect((JSON.parse(listed) as { tokens: Json[] }).tokens[0]).toEqual(shown);
    expect(listed).not.toContain(token);
    expect(await opens(token as string)).toBe(true);
  });

  it('revokes with 204, and again', async () => {
    const { id, token } = await json(await mine('POST', '/v1/tokens', BODY));
    expect(await opens(token as string)).toBe(true);
    const response = await mine('DELETE', `/v1/tokens/${String(id)}`);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await opens(token as string)).toBe(false);
    expect((await mine('DELETE', `/v1/tokens/${String(id)}`)).status).toBe(204);
  });

  it('rotates with 201, with and without a body', async () => {
    const first = await json(await mine('POST', '/v1/tokens', BODY));
    const second = await mine('POST', `/v1/tokens/${String(first.id)}/rotate`, { grace_minutes: 10 });
    expect([second.status, second.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { id, token } = await json(second);
    expect(id).not.toBe(first.id);
    expect(await opens(first.token as string)).toBe(true);
    const third = await json(await mine('POST', `/v1/tokens/${String(id)}/rotate`));
    expect(await opens(token as string)).toBe(false);
    expect(await opens(third.token as string)).toBe(true);
  });

  it("does not know somebody else's tokens", async () => {
    const { id, token } = await json(await theirs('POST', '/v1/tokens', BODY));
    for (const [method, path] of [
      ['DELETE', `/v1/tokens/${String(id)}`],
      ['POST', `/v1/tokens/${String(id)}/rotate`],
      ['DELETE', '/v1/tokens/not-an-id'],
      ['DELETE', '/v1/tokens/%00'],
    ] as const) {
      const response = await mine(method, path);
      expect([path, response.status, (await json(response)).code]).toEqual([path, 404, 'not_found']);
    }
    expect(await (await mine('GET', '/v1/tokens')).text()).not.toContain(String(id));
    expect(await opens(token as string)).toBe(true);
  });

  it.each<[string, unknown, string[]]>([
    ['an unknown field', { ...BODY, user_id: 'usr_demo_2b7c44' }, ['user_id']],
    ['values out of range', { name: ' ', scopes: ['all'], expires_in_days: 0 }, ['name', 'scopes', 'expires_in_days']],
    ['types that are wrong', { name: 1, scopes: 'read:account' }, ['name', 'scopes']],
  ])('names %s', async (_, body, paths) => {
    const response = await mine('POST', '/v1/tokens', body);
    const problem = await json(response);
    expect([response.status, problem.code]).toEqual([400, 'invalid_request']);
    expect((problem.errors as { path: string }[]).map(({ path }) => path)).toEqual(paths);
  });

  it.each(['{', '[]', '"text"', 'null'])('refuses the body %s', async (body) => {
    const cookie = await siteCookie();
    const { csrf_token: csrf } = await json(await fetch(`${app.url}/v1/session`, { headers: { cookie } }));
    const response = await fetch(`${app.url}/v1/tokens`, {
      method: 'POST',
      headers: {
        cookie,
        origin: app.config.publicUrl,
        'x-csrf-token': csrf as string,
        'content-type': 'application/json',
      },
      body,
    });
    expect(response.status).toBe(400);
    expect(['invalid_request', 'invalid_json']).toContain((await json(response)).code);
  });

  it('changes nothing without the CSRF token or from elsewhere', async () => {
    const cookie = await siteCookie();
    const headers = { cookie, origin: app.config.publicUrl, 'content-type': 'application/json' };
    const changes: Record<string, string>[] = [
      {},
      { 'x-csrf-token': 'x' },
      { origin: 'null' },
      { origin: 'https://evil.example' },
    ];
    for (const extra of changes) {
      const response = await fetch(`${app.url}/v1/tokens`, {
        method: 'POST',
        headers: { ...headers, ...extra },
        body: JSON.stringify(BODY),
      });
      expect(response.status).toBe(403);
    }
    const live = (await json(await mine('GET', '/v1/tokens'))).tokens as { revoked_at: string | null }[];
    expect(live.filter(({ revoked_at }) => revoked_at === null)).toEqual([]);
  });
});
