import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, sessionFetch, startApp, type TestApp } from '../support/app.js';
import { Browser } from './support/browser.js';
import {
  authorize,
  authorizeUrl,
  callbackOf,
  callMcp,
  connect,
  newVerifier,
  redeem,
  REDIRECT,
  refresh,
  tokensOf,
} from './support/flow.js';

let environment: Environment;
let app: TestApp;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

describe('the authorization code flow', () => {
  it('goes from the client to sign-in, consent, code, token and call', async () => {
    const browser = new Browser(app);
    const verifier = newVerifier();
    const url = authorizeUrl(app, verifier, { scope: 'read:account read:signals' });
    const login = await browser.open(url);
    expect(login.url).toContain('/login?next=%2Foauth%2Finteraction%2F');
    const page = await browser.read(login);
    const next = page.fields.find(([name]) => name === 'next')?.[1];
    const consent = await browser.form(
      (
        await browser.post('/login', [
          ['user', 'demo'],
          ['next', next!],
        ])
      ).headers.get('location')!,
    );
    expect(consent.status).toBe(200);
    expect(consent.text).toContain('TradeCafe MCP');
    expect(consent.text).toContain('See trading signals');
    const { address, query } = callbackOf(await browser.press(consent, 'authorize'));
    expect(address).toBe(REDIRECT);
    expect(query.get('state')).toBe('st ate+/=');
    expect(query.get('iss')).toBe(app.config.publicUrl);
    const answer = await redeem(app, query.get('code')!, verifier);
    expect(answer).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 3600, scope: 'read:account read:signals' },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { access, refresh: refreshToken } = tokensOf(answer);
    expect(access).toMatch(/^tc_at_[0-9A-Za-z]{43}$/);
    expect(refreshToken).toMatch(/^tc_rt_[0-9A-Za-z]{43}$/);
    expect(await callMcp(app, access)).toMatchObject({ status: 200 });
  });

  it('goes on in each of two tabs of one browser, whichever began first', async () => {
    const browser = await new Browser(app).signIn();
    const begin = async (state: string) => {
      const verifier = newVerifier();
      return { state, verifier, page: await browser.form(authorizeUrl(app, verifier, { state })) };
    };
    const [older, newer] = [await begin('older'), await begin('newer')];
    for (const { state, verifier, page } of [older, newer]) {
      const { query } = callbackOf(await browser.press(page, 'authorize'));
      expect(query.get('state')).toBe(state);
      expect((await redeem(app, query.get('code')!, verifier)).status).toBe(200);
    }
  });

  it('refreshes, and the old refresh token works once more within the grace', async () => {
    const first = await connect(app);
    const second = tokensOf(await refresh(app, first));
    expect(second.access).not.toBe(first.access);
    const other = tokensOf(await refresh(app, first));
    for (const { access } of [first, second, other]) expect((await callMcp(app, access)).status).toBe(200);
  });

  it('grants only what stayed ticked', async () => {
    const browser = await new Browser(app).signIn();
    const verifier = newVerifier();
    const page = await browser.form(authorizeUrl(app, verifier, { scope: 'read:account read:signals read:pool' }));
    const back = await browser.press(page, 'authorize', (fields) =>
      fields.filter(([, value]) => value !== 'read:signals'),
    );
    const answer = await redeem(app, callbackOf(back).query.get('code')!, verifier);
    expect(answer.body['scope']).toBe('read:account read:pool');
  });

  it('cancel returns access_denied', async () => {
    const browser = await new Browser(app).signIn();
    const page = await browser.form(authorizeUrl(app, newVerifier()));
    const { address, query } = callbackOf(await browser.press(page, 'cancel'));
    expect(address).toBe(REDIRECT);
    expect(Object.fromEntries(query)).toMatchObject({
      error: 'access_denied',
      state: 'st ate+/=',
      iss: app.config.publicUrl,
    });
  });

  it('lists the app, and revoking it ends its tokens', async () => {
    const tokens = await connect(app, { user: 'demo2', scope: 'read:pool' });
    const call = await sessionFetch(app, 'demo2');
    const { apps } = (await (await call('GET', '/v1/apps')).json()) as { apps: Record<string, unknown>[] };
    expect(apps).toHaveLength(1);
    expect(apps[0]).toMatchObject({
      client_id: 'tradecafe-mcp',
      scopes: ['read:pool'],
      resource: 'mcp',
      verified: true,
    });
    expect((await call('DELETE', `/v1/apps/${String(apps[0]!['id'])}`)).status).toBe(204);
    expect((await callMcp(app, tokens.access)).status).toBe(401);
    expect(await refresh(app, tokens)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(((await (await call('GET', '/v1/apps')).json()) as { apps: unknown[] }).apps).toEqual([]);
  });

  it('a resource of none is /api for our own client', async () => {
    const browser = await new Browser(app).signIn();
    const verifier = newVerifier();
    const { code } = await authorize(app, browser, verifier, { resource: null });
    const { access } = tokensOf(await redeem(app, code, verifier));
    expect(await callMcp(app, access)).toMatchObject({ status: 401 });
  });
});
