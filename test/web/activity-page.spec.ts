import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { connect } from '../oauth/support/flow.js';
import { type NpmClient, startNpmClient } from '../differential/npm-client.js';
import {
  type CreatedToken,
  createEnvironment,
  type Environment,
  mintToken,
  startApp,
  type TestApp,
} from '../support/app.js';
import { until } from '../support/until.js';
import { Browser } from './browser.js';

const PAGE = '/settings/activity';

let environment: Environment;
let app: TestApp;
let browser: Browser;
let token: CreatedToken;

interface Position {
  readonly position_id: string;
  readonly symbol: string;
}

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  browser = new Browser(app);
  await browser.signIn('demo');
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

const page = async (path = PAGE, as = browser): Promise<string> => (await as.get(path)).text();

/** The page's entries as a person reads them. */
async function entries(path = PAGE, as = browser): Promise<string[]> {
  return [...(await page(path, as)).matchAll(/<li class="activity-entry.*?(?=<li class="activity-entry|<\/ol>)/gs)].map(
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
    token = await mintToken(app, { name: '<i>Laptop</i>' });
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
      ({ length }) => length === 4,
    );
    expect(all[2]).toContain('looked at your positions');
    expect(all[3]).toContain('You created the token “&lt;i>Laptop&lt;/i>”.');
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
    expect(await entries(`${PAGE}?tool=token.create`)).toHaveLength(2);
    expect((await entries(`${PAGE}?token=${token.id}`)).join()).not.toContain('Reader');
    expect(await entries(`${PAGE}?to=2020-01-01`)).toEqual([]);
    expect(await page(`${PAGE}?to=2020-01-01`)).toContain('Nothing matches.');
    const html = await page(`${PAGE}?outcome=denied`);
    expect(html).toContain('href="/v1/activity?format=csv&amp;outcome=denied"');
    const csv = await (await browser.get('/v1/activity?format=csv&outcome=denied')).text();
    expect(csv.trim().split('\r\n')).toHaveLength(3);
  });

  it.each([
    ['outcome=toString', 'outcome'],
    ['from=2027-99-99', 'from'],
    ['from=2026-02-30', 'from'],
    ['from=2026-03-02&to=2026-03-01', 'to'],
    ['app=%00&token=<script>', 'app'],
    ['token=a&token=b', 'token'],
  ])('says beside its field what is wrong with a filter (%s), and shows no entries', async (query, field) => {
    const answer = await browser.get(`${PAGE}?${query}`);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect([...html.matchAll(/id="(\w+)-error"/g)].map(([, name]) => name)).toEqual([field]);
    expect(html).toMatch(
      new RegExp(`<(?:input|select) id="${field}"[^>]* aria-describedby="${field}-error" aria-invalid`),
    );
    expect(html).not.toMatch(/<script>|activity-entry|Download/);
  });

  it('keeps the whole filter when a part of it is wrong', async () => {
    const html = await page(`${PAGE}?from=2026-02-30&to=2026-03-01&outcome=denied&tool=get_positions`);
    expect(html).toContain('name="from" type="date" value="2026-02-30"');
    expect(html).toContain('“2026-02-30” is no day of the calendar');
    expect(html).toContain('name="to" type="date" value="2026-03-01"');
    expect(html).toContain('<option value="denied" selected>');
    expect(html).toContain('<option value="get_positions" selected>');
  });

  it('says that a place in the log is none, and leads back with the same filter', async () => {
    const answer = await browser.get(`${PAGE}?outcome=denied&cursor=x`);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('a place that the log does not have');
    expect(html).toContain('href="/settings/activity?outcome=denied"');
  });

  it('loses no filter on the way through the sign-in', async () => {
    const path = `${PAGE}?token=a&outcome=denied&from=2026-03-01`;
    const away = await new Browser(app).get(path);
    expect(away.headers.get('location')).toBe(`/login?next=${encodeURIComponent(path)}`);
    const { headers } = await new Browser(app).post('/login', Object.entries({ user: 'demo', next: path }));
    expect(headers.get('location')).toBe(path);
  });

  it('shows nothing of anybody else', async () => {
    const other = new Browser(app);
    await other.signIn('demo2');
    expect(await (await other.get(PAGE)).text()).toContain('what it does appears here');
  });

  describe('what the npm client does at /api', () => {
    let client: NpmClient;
    let field: CreatedToken;

    beforeAll(async () => {
      field = await mintToken(app, { name: 'In the field' });
      client = await startNpmClient(`${app.config.apiPublicUrl}/api`, field.token);
    }, 60_000);
    afterAll(() => client?.close());

    it('reads in words, a trade with the look that let it in', async () => {
      const [position] = await call<Position[]>('/positions?status=open');
      const { position_id, symbol } = position!;
      const preview = (await client.call('close_position', { position_id })) as { value: { action_token: string } };
      const { action_token } = preview.value;
      const closed = await client.call('close_position', { position_id, dry_run: false, action_token });
      expect(closed).toMatchObject({ ok: true });
      const entry = await entryWith('The npm client closed');
      expect(entry).toContain(`The npm client closed ${symbol}, expected result`);
      expect(entry).toContain('Looked at your open trades');
      expect(entry).toContain('Confirmed and sent');
      expect(entry).toContain('token In the field');
      expect(entry).toContain('calls itself @tradecafe-ai/mcp/');
      await client.call('get_account_summary');
      expect(await entryWith('looked at your connected exchanges')).toContain('The npm client');
      expect((await entries(`${PAGE}?token=${field.id}`)).join()).not.toMatch(/(?:GET|PUT) \/api/);
    });

    it('is found under the tool, on the page and in the export', async () => {
      const found = await entries(`${PAGE}?token=${field.id}&tool=close_position`);
      expect(found).toHaveLength(1);
      expect(found[0]).toContain('The npm client closed');
      const query = `tool=close_position&token=${field.id}`;
      const csv = await (await browser.get(`/v1/activity?format=csv&${query}`)).text();
      expect(csv.match(/PUT \/api\/trade\/close\/:id/g)).toHaveLength(2);
      expect(await entries(`${PAGE}?token=${field.id}&tool=approve_pending_trade`)).toEqual([]);
    });
  });

  it('filters by app, of which it offers those that were allowed', async () => {
    const { access } = await connect(app, { scope: 'read:pool', resource: `${app.config.apiPublicUrl}/v1` });
    await call('/pool/status', undefined, access);
    await entryWith('looked at your Trading Pool');
    const grant = /<select id="app".*?<option value="([^"]+)">TradeCafe MCP<\/option>/s.exec(await page())![1]!;
    const found = await entries(`${PAGE}?app=${grant}`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('app TradeCafe MCP');
    expect(await entries(`${PAGE}?app=00000000-0000-4000-8000-000000000000`)).toEqual([]);
  });

  it('keeps a commit and its preview together where a page ends', async () => {
    const { id, token: bearer } = await mintToken(app, { user: 'demo2', name: 'At the edge' });
    const other = new Browser(app);
    await other.signIn('demo2');
    const [position] = await call<Position[]>('/positions?status=open', undefined, bearer);
    const { position_id } = position!;
    const preview = await call<{ action_token: string }>('/positions/close/preview', { position_id }, bearer);
    await call('/pool/status', undefined, bearer);
    await call('/positions/close', { position_id, action_token: preview.action_token }, bearer);
    for (let newer = 0; newer < 49; newer++) await call('/referrals/stats', undefined, bearer);
    const path = `${PAGE}?token=${id}`;
    const first = await until(
      () => entries(path, other),
      ({ length }) => length === 50,
    );
    expect(first[49]).toMatch(/closed .* Confirmed and sent .* Previewed/);
    const next = /href="([^"]+)" rel="next"/.exec(await page(path, other))![1]!.replaceAll('&amp;', '&');
    const second = await entries(next, other);
    expect(second).toHaveLength(2);
    expect(second[0]).toContain('looked at your Trading Pool');
    expect(second[1]).toContain('looked at your positions');
    expect(await page(next, other)).not.toContain('rel="next"');
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
