import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, signIn, startApp, type TestApp } from '../support/app.js';
import { Browser } from './browser.js';

const PAGE = '/settings/tokens';
const GOOD = { name: 'Claude Code on my laptop', expires: '90', preset: 'read' };
const SURE = { confirm_write: 'yes' };

let environment: Environment;
let app: TestApp;
let browser: Browser;
let csrf: string;

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  browser = new Browser(app);
  await browser.signIn('demo');
  csrf = await browser.csrfOf(PAGE);
});

afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const form = (fields: Record<string, string>): [string, string][] => Object.entries({ csrf_token: csrf, ...fields });
const page = async (): Promise<string> => (await browser.get(PAGE)).text();
const revokePath = (id: string): string => `${PAGE}/${id}/revoke`;

/** Creates a token with the form and returns it. */
async function create(fields: Record<string, string>): Promise<string> {
  const answer = await browser.post(PAGE, form({ ...GOOD, ...fields }));
  const token = /id="token">(tc_pat_[0-9A-Za-z]+)</.exec(await answer.text())?.[1];
  if (answer.status !== 200 || token === undefined) throw new Error(`the form answered ${answer.status}`);
  return token;
}

/** Whether a token opens /mcp, as the status of its answer. */
async function statusAtMcp(token: string): Promise<number> {
  const { status } = await fetch(`${app.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return status;
}

describe('the form', () => {
  it('shows the token once, in every snippet, and never again', async () => {
    const answer = await browser.post(PAGE, form({ ...GOOD, name: 'Shown once' }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const html = await answer.text();
    const token = /id="token">(tc_pat_[0-9A-Za-z]{50})</.exec(html)?.[1];
    expect(html).toContain(
      `claude mcp add --transport http tradecafe ${app.config.apiPublicUrl}/mcp --header &quot;Authorization: Bearer ${token}&quot;`,
    );
    expect(html.split(token!).length - 1).toBe(8);
    expect(await statusAtMcp(token!)).toBe(200);
    const list = await page();
    expect(list).toContain('Shown once');
    expect(list).not.toContain(token);
  });

  it('gives exactly what was chosen', async () => {
    await browser.post(PAGE, [
      ...form({ name: 'Chosen', expires: 'never', preset: 'custom', max_trade_usdt: '99.50', ...SURE }),
      ['scopes', 'write:trades'],
      ['scopes', 'read:pool'],
    ]);
    const { tokens } = (await (await browser.get('/v1/tokens')).json()) as { tokens: Record<string, unknown>[] };
    expect(tokens.find(({ name }) => name === 'Chosen')).toMatchObject({
      scopes: ['read:pool', 'write:trades'],
      expires_at: null,
    });
    expect(await page()).toContain('Reads pool, approves trades up to 99.50 USDT and closes positions');
  });

  it('comes back with what was typed and the errors beside their fields', async () => {
    const answer = await browser.post(PAGE, [
      ...form({ name: '<b>"x"</b>'.repeat(10), expires: '365', preset: 'custom', max_trade_usdt: '1,5' }),
      ['scopes', 'read:pool'],
    ]);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('id="name-error"');
    expect(html).toContain('id="max_trade_usdt-error"');
    expect(html).not.toContain('id="scopes-error"');
    expect(html).toContain(`value="${'&lt;b>&quot;x&quot;&lt;/b>'.repeat(10)}"`);
    expect(html).toMatch(/name="max_trade_usdt"[^>]* value="1,5"/);
    expect(html).toMatch(/value="365" checked/);
    expect(html).toMatch(/value="read:pool" checked/);
    expect(html).toContain(`name="csrf_token" value="${csrf}"`);
  });

  it('comes back with what was typed when TradeCafe cannot be reached', async () => {
    const away = await startApp(environment, { PWA_BE_BASE_URL: 'http://127.0.0.1:9' });
    try {
      const other = new Browser(away);
      await other.signIn('demo');
      const fields = { ...GOOD, name: 'Typed with care', csrf_token: await other.csrfOf(PAGE) };
      const answer = await other.post(PAGE, Object.entries(fields));
      expect(answer.status).toBe(503);
      const html = await answer.text();
      expect(html).toContain('value="Typed with care"');
      expect(html).toContain('upstream_unavailable');
      expect(html).toContain(answer.headers.get('x-request-id'));
    } finally {
      await away.close();
    }
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['without the CSRF field', { csrf_token: '' }, {}],
    ['with a wrong CSRF field', { csrf_token: 'x' }, {}],
    ['from another origin', {}, { origin: 'https://evil.example' }],
    ['from a sandboxed frame', {}, { origin: 'null' }],
  ])('creates nothing %s', async (_what, fields, headers) => {
    const answer = await browser.post(PAGE, form({ ...GOOD, name: 'Forged', ...fields }), headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await answer.text()).toContain('csrf_failed');
    expect(await page()).not.toContain('Forged');
  });
});

describe('a form that is sent twice', () => {
  const nonceOf = (html: string): string => /name="nonce" value="([^"]+)"/.exec(html)![1]!;
  const named = async (name: string): Promise<number> =>
    ((await (await browser.get('/v1/tokens')).json()) as { tokens: { name: string }[] }).tokens.filter(
      (token) => token.name === name,
    ).length;

  it('creates one token, and says the second time that it cannot be shown again, and why', async () => {
    const fields = { ...GOOD, name: 'Reloaded', nonce: nonceOf(await page()) };
    expect((await browser.post(PAGE, form(fields))).status).toBe(200);
    const again = await browser.post(PAGE, form(fields));
    expect(again.status).toBe(409);
    const html = await again.text();
    expect(html).toContain('<bdi>Reloaded</bdi>');
    expect(html).toContain('cannot be shown again');
    expect(html).toMatch(/href="\/settings\/tokens\/[0-9a-f-]+\/rotate"/);
    expect(html).not.toMatch(/tc_pat_[0-9A-Za-z]{20}/);
    expect(await named('Reloaded')).toBe(1);
  });

  it('creates one token on two instances at once', async () => {
    const other = await startApp(environment, { PUBLIC_URL: app.config.publicUrl });
    try {
      const fields = { ...GOOD, name: 'Twice at once', nonce: nonceOf(await page()) };
      const cookie = { cookie: await signIn(app) };
      const session = (await (await fetch(`${app.url}/v1/session`, { headers: cookie })).json()) as {
        csrf_token: string;
      };
      const send = (url: string) =>
        fetch(`${url}${PAGE}`, {
          method: 'POST',
          headers: { ...cookie, origin: app.config.publicUrl },
          body: new URLSearchParams({ ...fields, csrf_token: session.csrf_token }),
        });
      const answers = await Promise.all([send(app.url), send(other.url)]);
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
      expect(await named('Twice at once')).toBe(1);
    } finally {
      await other.close();
    }
  });

  it('counts for each user by itself', async () => {
    const fields = { ...GOOD, name: 'Same nonce', nonce: nonceOf(await page()) };
    const other = new Browser(app);
    await other.signIn('demo2');
    const theirs = Object.entries({ ...fields, csrf_token: await other.csrfOf(PAGE) });
    expect((await other.post(PAGE, theirs)).status).toBe(200);
    expect((await browser.post(PAGE, form(fields))).status).toBe(200);
  });
});

describe('a form that came too late', () => {
  const typed = { ...GOOD, name: 'Typed <b>"with"</b> care', expires: 'never', max_trade_usdt: '1,5' };

  /** Follows the way back of an error page, and signs in where that is asked. */
  async function wayBack(answer: Response, as: Browser): Promise<string> {
    const href = /<a class="button" href="([^"]+)"/.exec(await answer.text())![1]!.replaceAll('&amp;', '&');
    const { pathname, search, searchParams } = new URL(href, app.config.publicUrl);
    if (pathname !== '/login') return (await as.get(`${pathname}${search}`)).text();
    const { headers } = await as.post('/login', Object.entries({ user: 'demo', next: searchParams.get('next')! }));
    return (await as.get(headers.get('location')!)).text();
  }

  it('loses nothing that was typed when the session has expired', async () => {
    const expired = new Browser(app);
    const answer = await expired.post(PAGE, form(typed));
    expect(answer.status).toBe(401);
    const html = await wayBack(answer, expired);
    expect(html).toContain('Nothing was created yet.');
    expect(html).toContain('value="Typed &lt;b>&quot;with&quot;&lt;/b> care"');
    expect(html).toMatch(/value="never" checked/);
    expect(html).toContain('value="1,5"');
  });

  it('is refused, creates nothing and loses nothing when somebody else has signed in meanwhile', async () => {
    const other = new Browser(app);
    await other.signIn('demo2');
    const answer = await other.post(PAGE, form(typed));
    expect(answer.status).toBe(403);
    const html = await wayBack(answer, other);
    expect(html).toContain('value="Typed &lt;b>&quot;with&quot;&lt;/b> care"');
    expect(html).not.toContain(csrf);
    expect(await page()).not.toContain('Typed &lt;b>');
  });

  it('says nothing of what another site sent', async () => {
    const answer = await browser.post(PAGE, form({ ...typed, csrf_token: 'x' }), { origin: 'https://evil.example' });
    expect(await answer.text()).not.toContain('Typed');
  });

  it('does not take the second yes to trading along', async () => {
    const expired = new Browser(app);
    const answer = await expired.post(PAGE, form({ ...typed, preset: 'trade', ...SURE }));
    expect(await wayBack(answer, expired)).toMatch(/name="confirm_write" value="yes"\/?>/);
  });
});

describe('rotating', () => {
  const rotatePath = (id: string): string => `${PAGE}/${id}/rotate`;

  it('shows a new token, and lets the old one live for the grace', async () => {
    const { id, token } = await mintToken(app, { name: 'Rotated' });
    expect(await (await browser.get(rotatePath(id))).text()).toContain('<bdi>Rotated</bdi>');
    const answer = await browser.post(rotatePath(id), form({ grace_minutes: '60' }));
    expect(answer.status).toBe(200);
    const html = await answer.text();
    const fresh = /id="token">(tc_pat_[0-9A-Za-z]{50})</.exec(html)![1]!;
    expect(html).toContain('The old one works until');
    expect([await statusAtMcp(token), await statusAtMcp(fresh)]).toEqual([200, 200]);
  });

  it('ends the old one at once when there is no grace, and does it once', async () => {
    const { id, token } = await mintToken(app, { name: 'Leaked' });
    const html = await (await browser.post(rotatePath(id), form({ grace_minutes: '0' }))).text();
    expect(html).toContain('The old one has ended.');
    expect(await statusAtMcp(token)).toBe(401);
    const again = await browser.post(rotatePath(id), form({ grace_minutes: '0' }));
    expect(again.status).toBe(409);
    expect(await again.text()).toContain('replaced already');
    expect((await browser.get(rotatePath(id))).headers.get('location')).toBe(PAGE);
  });

  it.each([['x'], ['-1'], ['1441'], ['']])('refuses a grace of "%s"', async (grace_minutes) => {
    const { id, token } = await mintToken(app, { name: 'Unharmed' });
    expect((await browser.post(rotatePath(id), form({ grace_minutes }))).status).toBe(400);
    expect(await statusAtMcp(token)).toBe(200);
  });

  it("finds nobody else's token, and needs the CSRF field", async () => {
    const { id, token } = await mintToken(app, { user: 'demo2' });
    expect((await browser.get(rotatePath(id))).status).toBe(404);
    expect((await browser.post(rotatePath(id), form({ grace_minutes: '0' }))).status).toBe(404);
    expect((await browser.post(rotatePath(id), [])).status).toBe(403);
    expect(await statusAtMcp(token)).toBe(200);
  });
});

describe('revoking', () => {
  /** The id that the list shows for a token's name. */
  async function idOf(name: string): Promise<string> {
    const { tokens } = (await (await browser.get('/v1/tokens')).json()) as { tokens: { id: string; name: string }[] };
    return tokens.find((token) => token.name === name)!.id;
  }

  it('asks first, says what stops working, and changes nothing until then', async () => {
    const token = await create({ name: 'Asked first' });
    const answer = await browser.get(revokePath(await idOf('Asked first')));
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toContain('Revoke <bdi>Asked first</bdi>?');
    expect(html).toContain('See your Trading Pool stakes');
    expect(await statusAtMcp(token)).toBe(200);
  });

  it('ends the token at once, goes back to the list and says so', async () => {
    const token = await create({ name: 'Ended' });
    const id = await idOf('Ended');
    const answer = await browser.post(revokePath(id), form({}));
    expect(answer.status).toBe(303);
    expect(await statusAtMcp(token)).toBe(401);
    const html = await (await browser.get(answer.headers.get('location')!)).text();
    expect(html).toContain('“Ended” is revoked.');
    expect(html).not.toContain(revokePath(id));
    expect((await browser.get(revokePath(id))).headers.get('location')).toBe(PAGE);
  });

  it('claims no revocation that did not happen', async () => {
    await create({ name: 'Still alive' });
    for (const id of [await idOf('Still alive'), 'x', '%3Cb%3E']) {
      expect(await (await browser.get(`${PAGE}?revoked=${id}`)).text()).not.toContain('is revoked.');
    }
  });

  it('needs the CSRF field', async () => {
    const token = await create({ name: 'Protected' });
    const path = revokePath(await idOf('Protected'));
    expect((await browser.post(path, [])).status).toBe(403);
    expect((await browser.post(path, form({}), { origin: 'https://evil.example' })).status).toBe(403);
    expect(await statusAtMcp(token)).toBe(200);
  });

  it("finds nobody else's token, and no token by a strange id", async () => {
    const { id, token } = await mintToken(app, { user: 'demo2', name: 'Not yours' });
    expect(await page()).not.toContain('Not yours');
    for (const path of [revokePath(id), revokePath('x'), revokePath('00000000-0000-4000-8000-000000000000')]) {
      const asked = await browser.get(path);
      expect(asked.status).toBe(404);
      expect(await asked.text()).toContain('not_found');
      expect((await browser.post(path, form({}))).status).toBe(404);
    }
    expect(await statusAtMcp(token)).toBe(200);
  });
});
