import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { Browser } from './browser.js';

const PAGE = '/settings/tokens';

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

beforeEach(() => press('resume'));

afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

/** Presses the switch; returns where the browser is sent. */
async function press(action: 'freeze' | 'resume', fields: Record<string, string> = {}): Promise<string | null> {
  const answer = await browser.post(`/settings/${action}`, Object.entries({ csrf_token: csrf, ...fields }));
  expect(answer.status).toBe(303);
  return answer.headers.get('location');
}

async function frozenAt(): Promise<string | null> {
  return ((await (await browser.get('/v1/session')).json()) as { frozen_at: string | null }).frozen_at;
}

const page = async (path = PAGE): Promise<string> => (await browser.get(path)).text();

/** One statement on the service's own database. */
async function sql(statement: string): Promise<void> {
  const client = new Client({ connectionString: environment.database.url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** One call at /v1 with a token. */
async function call(token: string, path: string, body?: object): Promise<Response> {
  return fetch(`${app.url}/v1/positions${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** A previewed closing, ready to be committed. */
async function preview(token: string): Promise<{ position_id: string; action_token: string }> {
  const [position] = (await (await call(token, '?status=open')).json()) as { position_id: string }[];
  const { position_id } = position!;
  const { action_token } = (await (await call(token, '/close/preview', { position_id })).json()) as {
    action_token: string;
  };
  return { position_id, action_token };
}

describe('the switch that stops all writes', () => {
  it('stops them with one press, says so on every settings page, and starts them with one', async () => {
    const { id, token } = await mintToken(app, { name: 'Trades' });
    const closing = await preview(token);
    expect(await page()).toContain('action="/settings/freeze"');
    expect(await press('freeze')).toBe(PAGE);
    expect(await frozenAt()).not.toBeNull();
    expect(await (await call(token, '/close', closing)).json()).toMatchObject({ code: 'account_frozen' });
    for (const path of [PAGE, `${PAGE}/${id}/revoke`]) {
      const html = await page(path);
      expect(html).toContain('Frozen: nothing can trade');
      expect(html).toContain('action="/settings/resume"');
      expect(html).not.toContain('action="/settings/freeze"');
    }
    expect(await press('resume')).toBe(PAGE);
    expect((await call(token, '/close', closing)).status).toBe(200);
    expect(await page()).not.toContain('Frozen: nothing can trade');
  });

  it('does each thing once, however often it is pressed', async () => {
    await press('freeze');
    const since = await frozenAt();
    await press('freeze');
    expect(await frozenAt()).toBe(since);
  });

  it('lists what was sent before and is not decided yet', async () => {
    await sql(
      `INSERT INTO commits (token_hash, user_id, credential_kind, credential_id, source, tool, target_id, arguments,
         preview, idempotency_key, status, send_before, due_at, request_id)
       SELECT sha256('x'), user_id, 'pat', 'x', 'tool', 'close_position', 'pos', '{}', '{}', 'switch-test', 'unknown',
         now(), now() + interval '1 hour', 'x' FROM personal_access_tokens LIMIT 1`,
    );
    expect(await page()).not.toContain('Sent before you froze');
    await press('freeze');
    expect(await page()).toMatch(/Sent before you froze.*Close a position/s);
    await sql(`DELETE FROM commits WHERE idempotency_key = 'switch-test'`);
  });

  it('leads nowhere but to our own pages', async () => {
    expect(await press('freeze', { back: 'https://evil.example' })).toBe(PAGE);
    expect(await press('freeze', { back: 'constructor' })).toBe(PAGE);
    const twice = Object.entries({ csrf_token: csrf, back: 'apps' });
    const answer = await browser.post('/settings/freeze', [...twice, ['back', 'activity']]);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/settings/apps']);
  });

  it('is not pressed by another site', async () => {
    for (const [fields, headers] of [
      [{ csrf_token: 'x' }, {}],
      [{ csrf_token: csrf }, { origin: 'https://evil.example' }],
    ] as const) {
      expect((await browser.post('/settings/freeze', Object.entries(fields), headers)).status).toBe(403);
    }
    expect(await frozenAt()).toBeNull();
  });
});
