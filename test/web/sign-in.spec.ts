import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser } from './browser.js';

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

describe('mock mode', () => {
  it('sends who is not signed in to the login page, which says where to go on', async () => {
    const browser = new Browser(app);
    const away = await browser.get('/settings/tokens?revoked=x');
    expect(away.status).toBe(303);
    expect(away.headers.get('location')).toBe('/login?next=%2Fsettings%2Ftokens%3Frevoked%3Dx');
    const page = await (await browser.get(away.headers.get('location')!)).text();
    expect(page).toContain('name="next" value="/settings/tokens?revoked=x"');
    expect(page).toContain('synthetic');
  });

  it('signs in as the user that was picked, and back to where they wanted to go', async () => {
    const browser = new Browser(app);
    const answer = await browser.post('/login', Object.entries({ user: 'demo2', next: '/docs?x=1' }));
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/docs?x=1');
    expect(answer.headers.get('set-cookie')).toMatch(/^auth=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    const session = (await (await browser.get('/v1/session')).json()) as { user_id: string };
    expect(session.user_id).toBe('usr_demo_2b7c44');
  });

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/.//evil.example'])(
    'does not send anybody to %s',
    async (next) => {
      const answer = await new Browser(app).post('/login', Object.entries({ user: 'demo', next }));
      expect(answer.headers.get('location')).toBe('/settings/tokens');
    },
  );

  it.each<[string, Record<string, string>]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['the origin null', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
  ])('signs nobody in or out from %s', async (_what, headers) => {
    for (const path of ['/login', '/logout']) {
      const answer = await new Browser(app).post(path, Object.entries({ user: 'demo' }), headers);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(await answer.text()).toContain('csrf_failed');
    }
  });

  it('asks again when nobody that exists was picked', async () => {
    const answer = await new Browser(app).post('/login', Object.entries({ user: 'root', next: '/docs' }));
    expect(answer.status).toBe(422);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await answer.text()).toContain('name="next" value="/docs"');
  });

  it('signs out', async () => {
    const browser = new Browser(app);
    await browser.signIn('demo');
    expect((await browser.get('/settings/tokens')).status).toBe(200);
    const answer = await browser.post('/logout', []);
    expect(answer.headers.get('location')).toBe('/login');
    expect((await browser.get('/settings/tokens')).status).toBe(303);
  });

  it('tells who sends a form after the session ended, instead of dropping what was typed', async () => {
    const answer = await new Browser(app).post('/settings/tokens', Object.entries({ name: 'x' }));
    expect(answer.status).toBe(401);
    const page = await answer.text();
    expect(page).toContain('session_required');
    expect(page).toContain('href="/login?next=%2Fsettings%2Ftokens%3Fdraft%3D1%26name%3Dx');
  });
});

describe('live mode', () => {
  let live: TestApp;

  beforeAll(async () => {
    live = await startApp(environment, { TRADECAFE_MODE: 'live', LOGIN_URL: 'https://tradecafe.example/login' });
  });

  afterAll(() => live?.close());

  it('has no login of its own', async () => {
    const browser = new Browser(live);
    for (const answer of [
      await browser.get('/login'),
      await browser.post('/login', Object.entries({ user: 'demo' })),
      await browser.post('/logout', []),
    ]) {
      expect(answer.status).toBe(404);
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  });

  it("sends who is not signed in to the site's login page", async () => {
    const location = new URL((await new Browser(live).get('/settings/tokens')).headers.get('location')!);
    expect(location.origin + location.pathname).toBe('https://tradecafe.example/login');
    expect(location.searchParams.get('next')).toBe(`${live.config.publicUrl}/settings/tokens`);
  });

  it('says nothing about synthetic data', async () => {
    expect(await (await new Browser(live).get('/docs')).text()).not.toContain('synthetic');
  });
});
