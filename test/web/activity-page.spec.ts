import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { Browser } from './browser.js';

const PAGE = '/settings/activity';

let environment: Environment;
let app: TestApp;
let browser: Browser;
let token: { id: string; token: string };

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  browser = new Browser(app);
  await browser.signIn('demo');
  token = await mintToken(app, { name: '<i>Laptop</i>' });
});

afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

async function call<T>(path: string, body?: object, bearer = token.token): Promise<T> {
  const answer = await fetch(`${app.url}/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as T;
}

const page = async (path = PAGE): Promise<string> => (await browser.get(path)).text();

/** The page's entries as a person reads them. */
async function entries(path = PAGE): Promise<string[]> {
  return [...(await page(path)).matchAll(/<li class="activity-entry.*?(?=<li class="activity-entry|<\/ol>)/gs)].map(
    ([html]) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '),
  );
}

/** Rows are written a moment after the answer. */
async function entryWith(words: string): Promise<string | undefined> {
  const texts = await until(
    () => entries(),
    (all) => all.some((text) => text.includes(words)),
  );
  return texts.find((text) => text.includes(words));
}

async function sql(statement: string): Promise<void> {
  const client = new Client({ connectionString: environment.database.url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

describe('the activity page', () => {
  it('teaches the next step while there is nothing', async () => {
    expect(await page()).toContain('what it does appears here');
  });

  it('reads as sentences, a commit with its preview under it', async () => {
    const [position] = await call<{ position_id: string; symbol: string }[]>('/positions?status=open');
    const { position_id, symbol } = position!;
    const { action_token } = await call<{ action_token: string }>('/positions/close/preview', { position_id });
    await call('/positions/close', { position_id, action_token });
    await call('/positions/close', { position_id, action_token });
    const closed = await entryWith('closed');
    expect(closed).toContain(`closed ${symbol}, expected result`);
    expect(closed).toContain('Previewed');
    expect(closed).toContain('Confirmed and sent');
    expect(closed).toContain('&lt;i>Laptop&lt;/i>');
    const all = await until(
      () => entries(),
      ({ length }) => length === 3,
    );
    expect(all[2]).toContain('looked at your positions');
  });

  it('says what was refused, and why', async () => {
    const reader = await mintToken(app, { name: 'Reader', scopes: ['read:pool'] });
    await call('/account/summary', undefined, reader.token);
    const denied = await entryWith('look at your account and was refused');
    expect(denied).toContain('wanted to look at your account and was refused');
  });

  it('filters by token, tool, outcome and day, and gives the same to the exports', async () => {
    expect(await entries(`${PAGE}?outcome=denied`)).toHaveLength(2);
    expect(await entries(`${PAGE}?tool=get_positions`)).toHaveLength(1);
    expect((await entries(`${PAGE}?token=${token.id}`)).join()).not.toContain('Reader');
    expect(await entries(`${PAGE}?to=2020-01-01`)).toEqual([]);
    expect(await page(`${PAGE}?to=2020-01-01`)).toContain('Nothing matches.');
    const html = await page(`${PAGE}?outcome=denied`);
    expect(html).toContain('href="/v1/activity?format=csv&amp;outcome=denied"');
    const csv = await (await browser.get('/v1/activity?format=csv&outcome=denied')).text();
    expect(csv.trim().split('\r\n')).toHaveLength(3);
  });

  it.each([['outcome=toString'], ['from=2027-99-99'], ['app=%00&token=<script>'], ['token=a&token=b']])(
    'takes a strange filter (%s) without harm',
    async (query) => {
      const answer = await browser.get(`${PAGE}?${query}`);
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain('<script>');
    },
  );

  it('refuses a cursor that is none of ours', async () => {
    expect((await browser.get(`${PAGE}?cursor=x`)).status).toBe(400);
  });

  it('shows nothing of anybody else', async () => {
    const other = new Browser(app);
    await other.signIn('demo2');
    expect(await (await other.get(PAGE)).text()).toContain('what it does appears here');
  });

  it('says that the entries are as they were written, and names one that is not', async () => {
    const sealed = await until(
      () => page(),
      (html) => !html.includes('just written'),
      15_000,
    );
    expect(sealed).toContain('Verified: all');
    expect(sealed).not.toContain('does not verify');
    await sql(`UPDATE audit_events SET outcome = 'ok' WHERE outcome = 'denied'`);
    const html = await page();
    expect(html).toContain('This log does not verify');
    expect(html.split('Altered after it was sealed').length - 1).toBe(2);
  });
});
