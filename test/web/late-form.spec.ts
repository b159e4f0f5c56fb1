import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_USER } from '../../src/config/demo.js';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { Browser } from './browser.js';
import { sessionCookieOf } from './session-of.js';
import { GOOD, SURE, TokenPages, TOKENS } from './token-pages.js';

let environment: Environment;
let app: TestApp;
let pages: TokenPages;

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  pages = await TokenPages.open(app);
});

afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

/** The button of an error page. */
async function buttonOf(answer: Response): Promise<URL> {
  const href = /<a class="button" href="([^"]+)"/.exec(await answer.text())![1]!.replaceAll('&amp;', '&');
  return new URL(href, app.config.publicUrl);
}

/** Follows it, and signs in where that is asked. */
async function wayBack(answer: Response, as: Browser): Promise<{ path: string; html: string }> {
  const { pathname, search, searchParams } = await buttonOf(answer);
  let path = `${pathname}${search}`;
  if (pathname === '/login') {
    const next = searchParams.get('next')!;
    path = (await as.post('/login', Object.entries({ user: 'demo', next }))).headers.get('location')!;
  }
  return { path, html: await (await as.get(path)).text() };
}

describe('a form that came too late', () => {
  const typed = { ...GOOD, name: 'Typed <b>"with"</b> care', expires: 'never', max_trade_usdt: '1,5' };

  it('loses nothing that was typed when the session has expired', async () => {
    const expired = new Browser(app, await sessionCookieOf(app, DEMO_USER.id, -60, -1));
    const answer = await expired.post(TOKENS, pages.form(typed));
    expect(answer.status).toBe(401);
    const { html } = await wayBack(answer, expired);
    expect(html).toContain('Nothing was created yet.');
    expect(html).toContain('value="Typed &lt;b>&quot;with&quot;&lt;/b> care"');
    expect(html).toMatch(/value="never" checked/);
    expect(html).toContain('value="1,5"');
  });

  it('is refused, creates nothing and loses nothing when somebody else has signed in meanwhile', async () => {
    const other = new Browser(app);
    await other.signIn('demo2');
    const answer = await other.post(TOKENS, pages.form(typed));
    expect(answer.status).toBe(403);
    const { html } = await wayBack(answer, other);
    expect(html).toContain('value="Typed &lt;b>&quot;with&quot;&lt;/b> care"');
    expect(html).toContain('<bdi>second_demo_user</bdi>');
    expect(html).not.toContain(pages.form()[0]![1]);
    expect(await pages.list()).not.toContain('Typed &lt;b>');
  });

  it('says nothing of what another site sent, and leads to no form', async () => {
    const origin = 'https://evil.example';
    const answer = await pages.browser.post(TOKENS, pages.form({ ...typed, csrf_token: 'x' }), { origin });
    expect(await answer.clone().text()).not.toContain('Typed');
    expect((await buttonOf(answer)).pathname).toBe(TOKENS);
    const revoke = await pages.browser.post(`${TOKENS}/some-id/revoke`, pages.form(), { origin });
    expect((await buttonOf(revoke)).pathname).toBe(TOKENS);
  });

  it('does not take the second yes along, neither to trading nor to a name', async () => {
    const expired = new Browser(app);
    const answer = await expired.post(TOKENS, pages.form({ ...typed, preset: 'trade', confirm_name: 'yes', ...SURE }));
    const { html } = await wayBack(answer, expired);
    expect(html).toMatch(/name="confirm_write" value="yes"\/?>/);
    expect(html).not.toMatch(/name="confirm_name" value="yes" checked/);
  });

  it('filled in by a link claims nothing about who filled it in', async () => {
    const html = await (await pages.browser.get(`${TOKENS}?draft=1&name=Trap&preset=trade&max_trade_usdt=`)).text();
    expect(html).toContain('or as somebody else wrote it who gave you a link');
    expect(html).toContain('href="/settings/tokens#new"');
    expect((await pages.tokens()).map(({ name }) => name)).not.toContain('Trap');
  });

  it('keeps the grace that was chosen for a rotation', async () => {
    const { id } = await mintToken(app, { name: 'Late rotation' });
    const expired = new Browser(app);
    const answer = await expired.post(`${TOKENS}/${id}/rotate`, pages.form({ grace_minutes: '1440' }));
    expect(answer.status).toBe(401);
    const { path, html } = await wayBack(answer, expired);
    expect(path).toBe(`${TOKENS}/${id}/rotate?grace_minutes=1440`);
    expect(html).toMatch(/value="1440" checked/);
  });
});

describe('a field that is sent twice', () => {
  const ID = '00000000-0000-4000-8000-000000000000';

  it.each([
    [TOKENS, 'name=a&name=b&expires=90&preset=read'],
    [TOKENS, 'name=a&expires=90&expires=never&preset=read'],
    [TOKENS, 'name=a&expires=90&preset=read&preset=trade'],
    [TOKENS, 'name=a&expires=90&preset=read&nonce=x&nonce=y'],
    [`${TOKENS}/${ID}/rotate`, 'grace_minutes=0&grace_minutes=60'],
    ['/oauth/device', 'user_code=A&user_code=B'],
    ['/oauth/device', 'user_code=A&device_proof=x&decision=authorize&max_trade_usdt=1&max_trade_usdt=2'],
    [`/oauth/interaction/${ID}`, 'decision=authorize&write_policy=a&write_policy=b'],
  ])('is refused by a page at %s (%s), signed in or not', async (path, form) => {
    const csrf = pages.form()[0]![1];
    const post = (as: Browser, token: string) => as.post(path, new URLSearchParams(`csrf_token=${token}&${form}`));
    const answers = [
      await post(pages.browser, csrf),
      await post(pages.browser, 'x'),
      await pages.browser.post(path, new URLSearchParams(`csrf_token=${csrf}&csrf_token=${csrf}&${form}`)),
      await post(new Browser(app), csrf),
    ];
    // Whose rotation it would be is looked up before the form is read.
    expect(answers.map(({ status }) => status)).toEqual([path.endsWith('/rotate') ? 404 : 400, 403, 403, 401]);
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect((await buttonOf(answer)).origin).toBe(app.config.publicUrl);
    }
  });

  it.each([
    [`${TOKENS}?revoked=a&revoked=b`, 400],
    [`${TOKENS}?draft=1&name=a&name=b`, 400],
    [`${TOKENS}?draft=1&draft=2&name=a`, 200],
    ['/settings/apps?revoked=a&revoked=b', 200],
    ['/settings/activity?cursor=a&cursor=b', 400],
    ['/settings/activity?from=2026-03-01&from=2026-03-02', 422],
    ['/oauth/device?user_code=A&user_code=B', 400],
    ['/oauth/device?draft=1&max_trade_usdt=1&max_trade_usdt=2', 400],
    [`/oauth/interaction/${ID}?draft=1&write_policy=a&write_policy=b`, 400],
    ['/login?next=a&next=b', 200],
  ])('in the address %s is answered by a page, also after signing in', async (path, status) => {
    const away = new Browser(app);
    const first = await away.get(path);
    if (first.status === 303) {
      const { searchParams } = new URL(first.headers.get('location')!, app.config.publicUrl);
      const next = searchParams.get('next')!;
      const signedIn = await away.post('/login', Object.entries({ user: 'demo', next }));
      expect(signedIn.headers.get('location')).toBe(path);
    }
    const answer = await away.get(path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
  });
});

describe('the way back', () => {
  const ID = '00000000-0000-4000-8000-000000000000';

  it.each<[string, string, Record<string, string>, string]>([
    ['revoking a token', `${TOKENS}/${ID}/revoke`, {}, `${TOKENS}/${ID}/revoke`],
    ['revoking an app', `/settings/apps/${ID}/revoke`, {}, `/settings/apps/${ID}/revoke`],
    ['freezing from the apps', '/settings/freeze', { back: 'apps' }, '/settings/apps'],
    ['resuming from the activity', '/settings/resume', { back: 'activity' }, '/settings/activity'],
    ['freezing from nowhere', '/settings/freeze', { back: '//evil.example' }, TOKENS],
  ])('after %s too late leads where it came from', async (_what, path, fields, back) => {
    const expired = await new Browser(app).post(path, Object.entries({ csrf_token: 'x', ...fields }));
    expect(expired.status).toBe(401);
    const button = await buttonOf(expired);
    expect([button.pathname, button.searchParams.get('next')]).toEqual(['/login', back]);
    const stale = await pages.browser.post(path, Object.entries({ csrf_token: 'x', ...fields }));
    expect(stale.status).toBe(403);
    expect((await buttonOf(stale)).pathname).toBe(back);
  });

  it.each([
    ['/settings/apps/nothing', '/settings/apps'],
    ['/settings/activity/nothing', '/settings/activity'],
    ['/settings/nothing', TOKENS],
    ['/docs/nothing', '/docs'],
  ])('from %s leads to %s', async (path, back) => {
    const answer = await pages.browser.get(path);
    expect(answer.status).toBe(404);
    expect((await buttonOf(answer)).pathname).toBe(back);
  });

  it('of a session too old to hand out trading is to sign in, with nothing lost', async () => {
    const old = await startApp(environment, { PUBLIC_URL: app.config.publicUrl, WRITE_GRANT_MAX_SESSION_AGE: '1s' });
    try {
      const browser = new Browser(old, await sessionCookieOf(old, DEMO_USER.id, -60, 600));
      const fields = { ...GOOD, ...SURE, name: 'Too old', preset: 'trade', csrf_token: await browser.csrfOf(TOKENS) };
      const answer = await browser.post(TOKENS, Object.entries(fields));
      expect(answer.status).toBe(403);
      const html = await answer.text();
      expect(html).toContain('session_too_old');
      expect(html).toMatch(/href="\/login\?next=[^"]*draft[^"]*Too[^"]*">Sign in again</);
      expect(html).toMatch(/id="name"[^>]* value="Too old"/);
    } finally {
      await old.close();
    }
  });
});
