import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser } from './support/browser.js';
import { authorizeUrl, callMcp, connect, newVerifier, refresh, type Tokens, tokensOf } from './support/flow.js';

const DEMO = 'usr_demo_8f3a91';

let environment: Environment;
const apps: TestApp[] = [];
beforeAll(async () => {
  environment = await createEnvironment();
});
afterEach(async () => {
  environment.sandbox.control.reset();
  for (const app of apps.splice(0)) await app.close();
});
afterAll(() => environment?.drop());

/** An instance that has asked TradeCafe about nobody yet. */
async function instance(): Promise<TestApp> {
  const app = await startApp(environment, apps[0] === undefined ? {} : { PUBLIC_URL: apps[0].config.publicUrl });
  apps.push(app);
  return app;
}

/** Tokens whose user was last confirmed more than a day ago, at an instance that does not know them. */
async function dayOld(): Promise<{ app: TestApp; tokens: Tokens }> {
  const first = await instance();
  const tokens = await connect(first);
  await first.service.app.get(PrismaService).$executeRaw`
    UPDATE oauth_grants SET user_checked_at = now() - interval '25 hours'`;
  return { app: await instance(), tokens };
}

const tradecafeAnswers = (status: number) =>
  environment.sandbox.control.fault({ path: `/user/${DEMO}`, kind: 'status', status, times: 100 });

describe('a user whom TradeCafe does not know any more', () => {
  it('loses access and refresh, and both come back with the user', async () => {
    const { app, tokens } = await dayOld();
    tradecafeAnswers(404);
    const refused = await callMcp(app, tokens.access);
    expect(refused.status).toBe(401);
    expect(JSON.stringify(refused.body)).toContain('token_revoked');
    expect(refused.challenge).toContain('Bearer');
    expect(await refresh(app, tokens)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });

    // Nothing was ended by it: the refresh token was not spent, the grant not revoked.
    environment.sandbox.control.reset();
    const later = await instance();
    expect((await callMcp(later, tokens.access)).status).toBe(200);
    const next = tokensOf(await refresh(later, tokens));
    expect((await callMcp(later, next.access)).status).toBe(200);
  });

  it('can allow no app', async () => {
    const app = await instance();
    const browser = await new Browser(app).signIn();
    const page = await browser.form(authorizeUrl(app, newVerifier()));
    tradecafeAnswers(404);
    const answer = await browser.post(page.action, [...page.fields, ['decision', 'authorize']]);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('user_unknown');
  });
});

describe('a user about whom TradeCafe cannot be asked', () => {
  it('is locked out of nothing', async () => {
    const { app, tokens } = await dayOld();
    tradecafeAnswers(503);
    expect((await callMcp(app, tokens.access, { method: 'tools/list' })).status).toBe(200);
    expect((await refresh(app, tokens)).status).toBe(200);
  });
});

describe('a user who was confirmed today', () => {
  it('is not asked about, whatever TradeCafe would say', async () => {
    const app = await instance();
    const tokens = await connect(app);
    tradecafeAnswers(404);
    expect((await callMcp(app, tokens.access)).status).toBe(200);
    expect((await refresh(app, tokens)).status).toBe(200);
  });
});
