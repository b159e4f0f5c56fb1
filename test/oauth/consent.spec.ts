import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintSession } from '../../src/auth/session/session-token.js';
import { createEnvironment, type Environment, sessionFetch, startApp, type TestApp } from '../support/app.js';
import { completed, spawnTypeScript } from '../support/service-process.js';
import { until } from '../support/until.js';
import { Browser } from './support/browser.js';
import { authorizeUrl, callbackOf, callMcp, connect, newVerifier, redeem, tokensOf } from './support/flow.js';

const WRITES = 'read:positions write:trades';

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

const grantOf = async (user: 'demo' | 'demo2' = 'demo') => {
  const { apps } = (await (await (await sessionFetch(app, user))('GET', '/v1/apps')).json()) as {
    apps: Record<string, unknown>[];
  };
  return apps[0]!;
};

const previewOf = async (token: string, positionId = 'pos_881') =>
  (await callMcp(app, token, {
    method: 'tools/call',
    params: { name: 'close_position', arguments: { position_id: positionId } },
  })) as { status: number };

describe('a client that asks for write:trades', () => {
  it('is warned about in plain words, and only it', async () => {
    const browser = await new Browser(app).signIn();
    expect((await browser.form(authorizeUrl(app, newVerifier(), { scope: WRITES }))).text).toContain(
      'trade with your real money',
    );
    expect((await browser.form(authorizeUrl(app, newVerifier()))).text).not.toContain('trade with your real money');
  });

  it('gets it with the limits that the person set', async () => {
    const browser = await new Browser(app).signIn();
    const verifier = newVerifier();
    const page = await browser.form(authorizeUrl(app, verifier, { scope: WRITES }));
    const back = await browser.press(page, 'authorize', (fields) => [
      ...fields.filter(([name]) => name !== 'max_trade_usdt'),
      ['max_trade_usdt', '250.50'],
      ['write_policy', 'human_required'],
    ]);
    const tokens = tokensOf(await redeem(app, callbackOf(back).query.get('code')!, verifier));
    expect(tokens.scope).toBe(WRITES);
    expect(await grantOf()).toMatchObject({ max_trade_usdt: 250.5, write_policy: 'human_required' });
    expect((await previewOf(tokens.access)).status).toBe(200);
  });

  it('gets the read scopes alone when the person chooses read only', async () => {
    const browser = await new Browser(app).signIn();
    const verifier = newVerifier();
    const page = await browser.form(authorizeUrl(app, verifier, { scope: WRITES }));
    const back = await browser.press(page, 'authorize', (fields) => [...fields, ['read_only', 'yes']]);
    expect((await redeem(app, callbackOf(back).query.get('code')!, verifier)).body['scope']).toBe('read:positions');
  });

  it('does not get it from a session that is older than WRITE_GRANT_MAX_SESSION_AGE', async () => {
    const strict = await startApp(environment, { WRITE_GRANT_MAX_SESSION_AGE: '0s' });
    try {
      const browser = new Browser(strict);
      const secret = environment.variables['SESSION_JWT_SECRET']!;
      browser.setCookie('auth', await mintSession('usr_demo_8f3a91', secret, 600));
      const page = await browser.form(authorizeUrl(strict, newVerifier(), { scope: WRITES }));
      expect(page.text).toContain('Sign in again');
      expect(page.fields).not.toContainEqual(['scopes', 'write:trades']);
      const forced = [...page.fields, ['scopes', 'write:trades'], ['decision', 'authorize']] as const;
      expect((await browser.post(page.action, forced)).status).toBe(422);
      expect(callbackOf(await browser.press(page, 'authorize')).query.has('code')).toBe(true);
    } finally {
      await strict.close();
    }
  });
});

describe("the operator's revoke --user", () => {
  it('ends the grants of the user, too', async () => {
    const tokens = await connect(app, { user: 'demo2' });
    expect((await callMcp(app, tokens.access)).status).toBe(200);
    const args = ['revoke', '--user', 'usr_demo_2b7c44'];
    const done = await completed(spawnTypeScript('src/cli/tokens.ts', args, environment.variables));
    expect(done.code).toBe(0);
    const answer = await until(
      () => callMcp(app, tokens.access),
      ({ status }) => status === 401,
    );
    expect(answer.status).toBe(401);
  }, 60_000);
});
