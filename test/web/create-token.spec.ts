import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOOLS } from '../../src/tools/registry.js';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  signIn,
  startApp,
  type TestApp,
} from '../support/app.js';
import { GOOD, shownToken, statusAtMcp, SURE, TokenPages, TOKENS } from './token-pages.js';

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

describe('the form', () => {
  it('shows the token once, in every snippet, and never again', async () => {
    const answer = await pages.send({ name: 'Shown once' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const html = await answer.text();
    const token = shownToken(html)!;
    expect(html).toContain(
      `claude mcp add --transport http tradecafe ${app.config.apiPublicUrl}/mcp --header &quot;Authorization: Bearer ${token}&quot;`,
    );
    expect(html.split(token).length - 1).toBe(8);
    expect(await statusAtMcp(app, token)).toBe(200);
    const list = await pages.list();
    expect(list).toContain('Shown once');
    expect(list).not.toContain(token);
  });

  it('gives exactly what was chosen', async () => {
    await pages.browser.post(TOKENS, [
      ...pages.form({ name: 'Chosen', expires: 'never', preset: 'custom', max_trade_usdt: '99.50', ...SURE }),
      ['scopes', 'write:trades'],
      ['scopes', 'read:pool'],
    ]);
    expect((await pages.tokens()).find(({ name }) => name === 'Chosen')).toMatchObject({
      scopes: ['read:pool', 'write:trades'],
      expires_at: null,
    });
    expect(await pages.list()).toContain('Reads pool, approves trades up to 99.50 USDT and closes positions');
  });

  it('comes back with what was typed and the errors beside their fields', async () => {
    const answer = await pages.browser.post(TOKENS, [
      ...pages.form({ name: '<b>"x"</b>'.repeat(10), expires: '365', preset: 'custom', max_trade_usdt: '1,5' }),
      ['scopes', 'read:pool'],
    ]);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('<title>Error: Access tokens');
    expect(html).toContain('id="name-error"');
    expect(html).toContain('id="max_trade_usdt-error"');
    expect(html).not.toContain('id="scopes-error"');
    expect(html).toContain(`value="${'&lt;b>&quot;x&quot;&lt;/b>'.repeat(10)}"`);
    expect(html).toMatch(/name="max_trade_usdt"[^>]* value="1,5"/);
    expect(html).toMatch(/value="365" checked/);
    expect(html).toMatch(/value="read:pool" checked/);
    expect(html).toContain(`name="csrf_token" value="${pages.form()[0]![1]}"`);
  });

  it.each([
    ['date', 'expires_on-error', 'expires-error'],
    ['soon', 'expires-error', 'expires_on-error'],
  ])('says beside the right field that "%s" is no expiry', async (expires, beside, elsewhere) => {
    const html = await (await pages.send({ expires, expires_on: '2026-02-30' })).text();
    expect(html).toContain(`id="${beside}"`);
    expect(html).not.toContain(`id="${elsewhere}"`);
    expect(html).toMatch(/id="expires_on"[^>]* value="2026-02-30"/);
  });

  it('comes back with what was typed when TradeCafe cannot be reached', async () => {
    const away = await startApp(environment, { PWA_BE_BASE_URL: 'http://127.0.0.1:9' });
    try {
      const other = await TokenPages.open(away);
      const answer = await other.send({ name: 'Typed with care' });
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
    const answer = await pages.send({ name: 'Forged', ...fields }, headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await answer.text()).toContain('csrf_failed');
    expect(await pages.list()).not.toContain('Forged');
  });
});

describe('what the token would open', () => {
  const notice = (html: string): string =>
    /class="notice notice-warning"[^>]*>(.*?)<\/div>/s.exec(html)![1]!.replace(/<[^>]*>/g, ' ');

  it('is said before anything is created, the amount as it was typed', async () => {
    const fields = { name: 'Only asking', preset: 'trade', max_trade_usdt: '500', write_policy: 'human_required' };
    const answer = await pages.send({ ...fields, preview: 'yes' });
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(notice(html)).toContain(
      `Nothing was created yet. As you filled it in, this token would see 10 of 10 tools.`,
    );
    expect(notice(html)).toContain('approvals above 500 USDT, what you do not confirm in your client, and everything');
    for (const { title } of TOOLS) expect(notice(html)).toContain(title);
    expect(html).toMatch(/id="name"[^>]* value="Only asking"/);
    expect(html).toMatch(/id="max_trade_usdt"[^>]* value="500"/);
    expect((await pages.tokens()).map(({ name }) => name)).not.toContain('Only asking');
  });

  it.each([
    [{ preset: 'read' }, '8 of 10', 'It can change nothing.'],
    [{ preset: 'custom', scopes: 'read:pool' }, '1 of 10', 'It can change nothing.'],
    [{ preset: 'custom' }, '0 of 10', 'It can change nothing.'],
    [{ preset: 'trade', max_trade_usdt: 'x' }, '10 of 10', 'previewed in the last five minutes and everything'],
  ])('with %j is %s tools', async (fields, count, refused) => {
    const said = notice(await (await pages.send({ ...fields, preview: 'yes' })).text());
    expect(said).toContain(`would see ${count} tools`);
    expect(said).toContain(refused);
  });
});

describe('a name that a live token has', () => {
  const errorOf = (html: string): string => /id="confirm_name-error">([^<]*)</.exec(html)?.[1] ?? '';

  it('is pointed out before a second one is created, and allowed when that is meant', async () => {
    await pages.create({ name: 'Twin' });
    const first = (await pages.tokens()).find(({ name }) => name === 'Twin');
    const answer = await pages.send({ name: ' twin', max_trade_usdt: '7' });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(errorOf(html)).toContain(first!.hint);
    expect(html).toMatch(/id="max_trade_usdt"[^>]* value="7"/);
    expect((await pages.send({ name: 'Twin', confirm_name: 'yes' })).status).toBe(200);
    expect((await pages.tokens()).filter(({ name }) => name === 'Twin')).toHaveLength(2);
  });

  it('is free again once that token has ended, and was never taken by somebody else', async () => {
    await pages.create({ name: 'Ended twin' });
    await pages.browser.post(`${TOKENS}/${await pages.idOf('Ended twin')}/revoke`, pages.form());
    await mintToken(app, { user: 'demo2', name: 'Their name' });
    expect((await pages.send({ name: 'Ended twin' })).status).toBe(200);
    expect((await pages.send({ name: 'Their name' })).status).toBe(200);
  });
});

describe('a form that is sent twice', () => {
  const named = async (name: string): Promise<number> =>
    (await pages.tokens()).filter((token) => token.name === name).length;

  it('creates one token, and says the second time that it cannot be shown again, and why', async () => {
    const fields = { name: 'Reloaded', nonce: await pages.nonce() };
    expect((await pages.send(fields)).status).toBe(200);
    const again = await pages.send(fields);
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
      const fields = { ...GOOD, name: 'Twice at once', nonce: await pages.nonce() };
      const cookie = { cookie: await signIn(app) };
      const session = (await (await fetch(`${app.url}/v1/session`, { headers: cookie })).json()) as {
        csrf_token: string;
      };
      const send = (url: string) =>
        fetch(`${url}${TOKENS}`, {
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
    const fields = { name: 'Same nonce', nonce: await pages.nonce() };
    expect((await (await TokenPages.open(app, 'demo2')).send(fields)).status).toBe(200);
    expect((await pages.send(fields)).status).toBe(200);
  });
});

it('the fifty-first token is refused with what to do, and what was typed is still there', async () => {
  const call = await sessionFetch(app, 'demo2');
  const { tokens } = (await (await call('GET', '/v1/tokens')).json()) as { tokens: { revoked_at: string | null }[] };
  for (let live = tokens.filter((token) => token.revoked_at === null).length; live < 50; live++)
    expect((await call('POST', '/v1/tokens', { name: `n${live}`, scopes: ['read:pool'] })).status).toBe(201);
  const theirs = await TokenPages.open(app, 'demo2');
  const answer = await theirs.send({ name: 'One too many' });
  expect(answer.status).toBe(409);
  const html = await answer.text();
  expect(html).toContain('You have as many live tokens as one person may have.');
  expect(html).toContain('Revoke a token that you no longer use');
  expect(html).toContain('token_limit_reached');
  expect(html).toMatch(/id="name"[^>]* value="One too many"/);
});
