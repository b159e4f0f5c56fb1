import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser } from './browser.js';

const PAGE = '/settings/apps';

let environment: Environment;
let app: TestApp;
let browser: Browser;
let other: Browser;

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  [browser, other] = [new Browser(app), new Browser(app)];
  await browser.signIn('demo');
  await other.signIn('demo2');
});

afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

/** What a finished consent leaves behind: a grant of the signed-in person, and a token that stands on it. */
async function allow(as: Browser, grant: { client: string; name: string | null; scopes: string[] }): Promise<string> {
  const { user_id } = (await (await as.get('/v1/session')).json()) as { user_id: string };
  const id = randomUUID();
  const client = new Client({ connectionString: environment.database.url });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO oauth_grants (id, user_id, client_id, client_name, resource, scopes, max_trade_usdt, expires_at)
       VALUES ($1, $2, $3, $4, 'mcp', $5, 99.5, now() + interval '30 days')`,
      [id, user_id, grant.client, grant.name, grant.scopes],
    );
    await client.query(
      `INSERT INTO oauth_artifacts (model, id, payload, grant_id, expires_at)
       VALUES ('RefreshToken', $1, '', $2, now() + interval '1 day')`,
      [Buffer.from(id), id],
    );
  } finally {
    await client.end();
  }
  return id;
}

const page = async (path = PAGE): Promise<string> => (await browser.get(path)).text();

describe('the apps page', () => {
  it('teaches the next step while there is none', async () => {
    expect(await page()).toContain('No app is connected.');
  });

  it('says who it is, whether anybody vouches for that, and what it may do', async () => {
    await allow(browser, { client: 'dyn-1', name: '<b>Claude</b>', scopes: ['read:pool', 'write:trades'] });
    await allow(browser, { client: 'tradecafe-mcp', name: 'TradeCafe MCP', scopes: ['read:account'] });
    const html = await page();
    expect(html).toMatch(/<bdi>&lt;b>Claude&lt;\/b><\/bdi><\/h2><span class="chip chip-warn">Not verified/);
    expect(html).toMatch(/<bdi>TradeCafe MCP<\/bdi><\/h2><span class="chip">TradeCafe’s own client/);
    expect(html).toContain('Reads pool, approves trades up to 99.50 USDT and closes positions');
    expect(html).toContain('See your Trading Pool stakes');
  });

  it('asks before it ends one, ends it, and says so', async () => {
    const id = await allow(browser, { client: 'dyn-2', name: 'To be ended', scopes: ['read:pool'] });
    const path = `${PAGE}/${id}/revoke`;
    expect(await page(path)).toContain('End what <bdi>To be ended</bdi> may do?');
    expect((await browser.post(path, [])).status).toBe(403);
    expect(await page()).toContain('To be ended');
    const answer = await browser.post(path, Object.entries({ csrf_token: await browser.csrfOf(PAGE) }));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${PAGE}?revoked=${id}`]);
    const html = await page(`${PAGE}?revoked=${id}`);
    expect(html).toContain('“To be ended” is out.');
    expect(html).not.toContain(`${PAGE}/${id}/revoke`);
  });

  it('claims no end that did not happen, and none of somebody else', async () => {
    const id = await allow(browser, { client: 'dyn-3', name: 'Still there', scopes: ['read:pool'] });
    const theirs = await allow(other, { client: 'dyn-5', name: 'Theirs', scopes: ['read:pool'] });
    const fields = Object.entries({ csrf_token: await other.csrfOf(PAGE) });
    expect((await other.post(`${PAGE}/${theirs}/revoke`, fields)).status).toBe(303);
    for (const claimed of [id, theirs, randomUUID(), 'x', '', '%3Cb%3E', `${id}&revoked=${theirs}`])
      expect(await page(`${PAGE}?revoked=${claimed}`)).not.toContain('is out.');
  });

  it("neither shows nor ends somebody else's", async () => {
    const id = await allow(other, { client: 'dyn-4', name: 'Not yours', scopes: ['read:pool'] });
    expect(await page()).not.toContain('Not yours');
    expect((await browser.get(`${PAGE}/${id}/revoke`)).status).toBe(404);
    const fields = Object.entries({ csrf_token: await browser.csrfOf(PAGE) });
    expect((await browser.post(`${PAGE}/${id}/revoke`, fields)).status).toBe(404);
    expect(await (await other.get(PAGE)).text()).toContain('Not yours');
  });
});
