import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generatePat } from '../../src/auth/pat/pat-format.js';
import { mintSession } from '../../src/auth/session/session-token.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { someUser } from './instance.js';
import { type ProbeApp, startProbeApp } from './probe-app.js';
import { person } from '../support/person.js';

const REQUEST = { name: 'laptop', scopes: ['read:account'] };

let database: TestDatabase;
let another: TestDatabase;
let app: ProbeApp;
let neighbour: ProbeApp;
let userId: string;
let token: string;

beforeAll(async () => {
  [database, another] = [await createTestDatabase(), await createTestDatabase()];
  app = await startProbeApp(database.url);
  // Made later, with a database of its own: Passport knows one strategy a process, and must not mix the two up.
  neighbour = await startProbeApp(another.url);
});
afterAll(async () => {
  await Promise.all([app.close(), neighbour.close()]);
  await Promise.all([database.drop(), another.drop()]);
});
beforeEach(async () => {
  userId = someUser();
  token = (await app.tokens.create(person(userId), REQUEST)).token;
});

interface Answer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: Record<string, unknown>;
}

async function call(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${app.url}/probe/${path}`, { method, headers: { ...type, ...headers }, body });
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    body: (await response.json()) as Record<string, unknown>,
  };
}
const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

describe('a route that declares nothing', () => {
  it.each([() => ({}), () => bearer(token)])('is closed to everybody', async (headers) => {
    expect(await call('GET', 'undeclared', headers())).toMatchObject({
      status: 403,
      body: { code: 'access_undeclared' },
    });
  });
});

describe('a public route', () => {
  it('asks nobody, and looks at no token', async () => {
    expect(await call('GET', 'public')).toMatchObject({ status: 200 });
    expect(await call('GET', 'public?access_token=x', bearer('nonsense'))).toMatchObject({ status: 200 });
  });
});

describe('a bearer route', () => {
  it('knows who is calling', async () => {
    expect(await call('GET', 'v1', bearer(token))).toMatchObject({ status: 200, body: { userId, kind: 'pat' } });
    expect(await call('POST', 'mcp', bearer(token), '{}')).toMatchObject({ status: 201, body: { userId } });
  });

  it('takes the scheme in any case (RFC 9110 §11.1)', async () => {
    expect(await call('GET', 'v1', { authorization: `bEARER ${token}` })).toMatchObject({ status: 200 });
  });

  it('tells a caller without a token how to get one', async () => {
    const metadata = `${app.config.apiPublicUrl}/.well-known/oauth-protected-resource`;
    const scope = 'read:account read:signals read:positions read:billing read:pool read:referrals';
    const answer = await call('GET', 'v1');
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_missing' } });
    expect(answer.challenge).toBe(`Bearer resource_metadata="${metadata}/v1", scope="${scope}"`);
    expect((await call('POST', 'mcp', {}, '{}')).challenge).toBe(
      `Bearer resource_metadata="${metadata}/mcp", scope="${scope}"`,
    );
  });

  it.each<[string, string, () => Promise<string> | string]>([
    ['a scheme alone', 'token_malformed', () => 'Bearer'],
    ['two tokens', 'token_malformed', () => `Bearer ${token} ${token}`],
    ['nonsense', 'token_malformed', () => 'Bearer nonsense'],
    ['a token of nobody', 'token_invalid', () => `Bearer ${generatePat().token}`],
    ["the site's session", 'token_malformed', async () => `Bearer ${await siteSession()}`],
    ['another scheme', 'token_missing', () => `Basic ${Buffer.from(`x:${token}`).toString('base64')}`],
    ['no scheme', 'token_missing', () => token],
  ])('refuses %s', async (_, code, header) => {
    const answer = await call('POST', 'mcp', { authorization: await header() }, '{}');
    expect(answer).toMatchObject({ status: 401, body: { code } });
    expect(answer.body['settings_url']).toBe(`${app.config.publicUrl}/settings/tokens`);
    expect(answer.challenge?.includes('error="invalid_token"')).toBe(code !== 'token_missing');
  });

  it("does not take the site's cookie", async () => {
    const answer = await call('GET', 'v1', { cookie: await app.cookie(userId) });
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_missing' } });
  });

  it.each<[string, () => Promise<Answer>]>([
    ['the address', () => call('GET', `v1?access_token=${token}`)],
    ['the address and the header', () => call('GET', `v1?access_token=${token}`, bearer(token))],
    ['the address, twice', () => call('GET', `v1?access_token=${token}&access_token=${token}`)],
    ['the address, empty', () => call('GET', 'v1?access_token=', bearer(token))],
    ['the body', () => call('POST', 'mcp', {}, JSON.stringify({ access_token: token }))],
    ['the body and the header', () => call('POST', 'mcp', bearer(token), JSON.stringify({ access_token: token }))],
  ])('refuses a token in %s', async (_, attempt) => {
    const answer = await attempt();
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_in_query' } });
    expect(answer.challenge).toContain('resource_metadata=');
  });

  it('says nothing of the request in its challenge', async () => {
    const poisoned = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      authorization: 'Bearer "evil.example"',
    };
    const answer = await call('GET', 'v1?evil.example', poisoned);
    expect(answer.challenge).not.toContain('evil');
  });

  it('tells a dead token apart, with the way to a new one', async () => {
    const [{ id } = { id: '' }] = await app.tokens.list(userId);
    await app.tokens.revoke(person(userId), id);
    const answer = await call('GET', 'v1', bearer(token));
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    expect(answer.challenge).toContain('error="invalid_token"');
  });

  it('belongs to its own application, although Passport is shared', async () => {
    const elsewhere = await fetch(`${neighbour.url}/probe/v1`, { headers: bearer(token) });
    expect(elsewhere.status).toBe(401);
    expect(await call('GET', 'v1', bearer(token))).toMatchObject({ status: 200 });
  });

  it('answers 429 with Retry-After to who guesses', async () => {
    for (let round = 0; round < 60; round += 1) {
      await fetch(`${neighbour.url}/probe/v1`, { headers: bearer(generatePat().token) });
    }
    const answer = await fetch(`${neighbour.url}/probe/v1`, { headers: bearer(generatePat().token) });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });
});

describe('a session route', () => {
  it('knows who is signed in', async () => {
    const answer = await call('GET', 'session', { cookie: `other=1; ${await app.cookie(userId)}` });
    expect(answer).toMatchObject({ status: 200, body: { userId } });
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    ['nothing', () => Promise.resolve({})],
    ['an empty cookie', () => Promise.resolve({ cookie: 'auth=' })],
    ['nonsense', () => Promise.resolve({ cookie: 'auth=nonsense' })],
    ['a token in the cookie', () => Promise.resolve({ cookie: `auth=${token}` })],
    ['a token in the header', () => Promise.resolve(bearer(token))],
    ['the session in the header', async () => bearer(await siteSession())],
    ['a token for pwa-be', async () => ({ cookie: `auth=${await signedForUpstream()}` })],
  ])('refuses %s', async (_, headers) => {
    expect(await call('GET', 'session', await headers())).toMatchObject({
      status: 401,
      body: { code: 'session_required' },
    });
  });
});

describe('a session route that changes something', () => {
  it('takes the token of GET as a header from our origin', async () => {
    const cookie = await app.cookie(userId);
    const csrf = (await call('GET', 'session', { cookie })).body['csrfToken'] as string;
    const headers = { cookie, origin: app.config.publicUrl, 'x-csrf-token': csrf };
    expect(await call('POST', 'csrf', headers, '{}')).toMatchObject({ status: 201, body: { userId } });
    expect(await call('POST', 'csrf', { cookie, origin: app.config.publicUrl }, '{}')).toMatchObject({
      status: 403,
      body: { code: 'csrf_failed' },
    });
    expect(await call('POST', 'csrf', { ...headers, origin: 'https://evil.example' }, '{}')).toMatchObject({
      status: 403,
    });
  });

  it("does not take another session's token", async () => {
    const theirs = (await call('GET', 'session', { cookie: await app.cookie(someUser()) })).body['csrfToken'] as string;
    const headers = { cookie: await app.cookie(userId), origin: app.config.publicUrl, 'x-csrf-token': theirs };
    expect(await call('POST', 'csrf', headers, '{}')).toMatchObject({ status: 403, body: { code: 'csrf_failed' } });
  });

  it('asks for the session first', async () => {
    expect(await call('POST', 'csrf', { origin: 'null' }, '{}')).toMatchObject({ status: 401 });
  });
});

const siteSession = () => mintSession(userId, app.config.secrets.sessionJwtSecret, 600);
const signedForUpstream = () => mintSession(userId, app.config.secrets.pwaBeJwtSecret, 600);
