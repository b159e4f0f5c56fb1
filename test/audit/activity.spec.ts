import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { ActivityEvent } from '../../src/audit/activity.service.js';
import {
  createEnvironment,
  type CreatedToken,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { completed, spawnTypeScript } from '../support/service-process.js';
import { until } from '../support/until.js';

interface Page {
  readonly events: ActivityEvent[];
  readonly next_cursor: string | null;
}

describe('the log of a person', () => {
  let environment: Environment;
  let app: TestApp;
  let mine: CreatedToken;
  let call: (method: string, path: string) => Promise<Response>;

  beforeAll(async () => {
    environment = await createEnvironment();
    app = await startApp(environment);
    mine = await mintToken(app, { name: '=cmd()' });
    const theirs = await mintToken(app, { user: 'demo2' });
    call = await sessionFetch(app);
    for (let i = 0; i < 5; i++) await read(mine.token, '/v1/signals/recent');
    await read(mine.token, '/v1/positions?status=nonsense');
    await read(theirs.token, '/v1/signals/recent');
    await until(
      async () => (await page('')).events.length,
      (count) => count === 7,
    );
  });
  afterAll(async () => {
    await app?.close();
    await environment?.drop();
  });

  const read = (token: string, path: string): Promise<Response> =>
    fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const page = async (query: string): Promise<Page> =>
    (await (await call('GET', `/v1/activity${query}`)).json()) as Page;
  const audit = (args: readonly string[], more: Record<string, string> = {}) =>
    completed(spawnTypeScript('src/cli/audit.ts', args, { ...environment.variables, ...more }));

  it('needs a session, and refuses what it does not understand', async () => {
    expect((await fetch(`${app.url}/v1/activity`)).status).toBe(401);
    expect((await read(mine.token, '/v1/activity')).status).toBe(401);
    for (const query of [
      'cursor=x',
      'app=%00',
      'tool=%00',
      'token=a%0Ab',
      'cursor=%00',
      'app=a&app=b',
      'limit=0',
      'limit=201',
      'since=yesterday',
      'until=2026-13-45',
      'since=2026-02-30',
      'until=2026-02-30T00:00:00Z',
      'outcome=maybe',
      'format=xml',
      'user_id=x',
      'tool=a&tool=b',
    ]) {
      const response = await call('GET', `/v1/activity?${query}`);
      expect([query, response.status]).toEqual([query, 400]);
      expect(await response.json()).toMatchObject({ code: 'invalid_request' });
    }
  });

  it('shows one person everything of theirs, newest first, a page at a time, and nobody else', async () => {
    const first = await page('?limit=4');
    const second = await page(`?limit=4&cursor=${first.next_cursor}`);
    const events = [...first.events, ...second.events];
    expect(second.next_cursor).toBeNull();
    expect(events).toHaveLength(7);
    expect(new Set(events.map(({ credential_id }) => credential_id))).toEqual(new Set([mine.id, 'session']));
    expect(events.at(-1)).toMatchObject({ operation: 'token.create', arguments: { token_id: mine.id } });
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => b.localeCompare(a)));
  });

  it('filters', async () => {
    expect((await page('?outcome=error')).events.concat((await page('?outcome=denied')).events)).toHaveLength(1);
    expect((await page('?tool=get_recent_signals')).events).toHaveLength(5);
    expect((await page(`?token=${mine.id}`)).events).toHaveLength(6);
    expect((await page('?app=nobody')).events).toEqual([]);
    expect((await page('?until=2020-01-01')).events).toEqual([]);
    expect((await page('?since=2020-01-01T00:00:00Z')).events).toHaveLength(7);
  });

  it('exports', async () => {
    const csv = await call('GET', '/v1/activity?format=csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const lines = (await csv.text()).trim().split('\r\n');
    expect(lines).toHaveLength(8);
    expect(lines[0]).toMatch(/^id,at,/);
    // A name that a spreadsheet would run.
    expect(lines[1]).toContain(",'=cmd(),");
    const ndjson = await (await call('GET', '/v1/activity?format=ndjson&tool=get_recent_signals')).text();
    expect(
      ndjson
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as ActivityEvent).operation),
    ).toHaveLength(5);
  });

  it('records a token that has ended once, and an unknown one never', async () => {
    const ended = await mintToken(app, { name: 'ended' });
    await call('DELETE', `/v1/tokens/${ended.id}`);
    for (let i = 0; i < 3; i++) expect((await read(ended.token, '/v1/signals/recent')).status).toBe(401);
    await read(`tc_pat_${'0'.repeat(50)}`, '/v1/signals/recent');
    const rows = await until(
      async () => (await page(`?token=${ended.id}`)).events,
      (events) => events.length > 0,
    );
    expect(rows).toMatchObject([{ outcome: 'denied', code: 'token_revoked', operation: 'GET /v1/signals/recent' }]);
  });

  it('is sealed, verifies from a shell beside the running server, and an export offline', async () => {
    const client = new Client({ connectionString: environment.database.url });
    await client.connect();
    try {
      await until(
        async () => (await client.query('SELECT FROM audit_unsealed')).rowCount,
        (count) => count === 0,
        15_000,
      );
      expect(await audit(['verify'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The log verifies/) });
      const key = (await audit(['key'])).stdout.trim();
      const file = join(environment.variables.DATA_DIR!, 'export.ndjson');
      await writeFile(file, (await audit(['export'])).stdout);
      const offline = ['verify', '--file', file, '--key', key];
      const bare = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' };
      expect(await audit(offline, bare)).toMatchObject({ code: 0 });
      expect(await audit([...offline, '--checkpoint', file], bare)).toMatchObject({ code: 0 });
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('"outcome":"ok"', '"outcome":"error"'));
      expect(await audit(offline, bare)).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/NOT verify. First: row \d+ \(leaf 0/),
      });
      for (const none of ['', (await audit(['export', '--format', 'csv'])).stdout, `\n> npm's banner\n\n${text}`]) {
        await writeFile(file, none);
        expect(await audit(offline, bare)).toMatchObject({
          code: 2,
          stdout: '',
          stderr: expect.stringContaining('npm run --silent audit -- export > FILE'),
        });
      }
      expect(await audit(['verify', '--file', '/nowhere', '--key', key])).toMatchObject({ code: 2 });
      expect(await audit(['verify', '--key', 'short'])).toMatchObject({ code: 2 });
      expect(await audit(['prune', '--erase-user', 'usr_demo_2b7c44'])).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('in 2 rows'),
      });
      expect(await audit(['verify'])).toMatchObject({ code: 0, stdout: expect.stringContaining('rows erased: 2') });
      await client.query(`UPDATE audit_events SET client_name = 'other' WHERE credential_id = $1`, [mine.id]);
      expect(await audit(['verify'])).toMatchObject({ code: 1 });
    } finally {
      await client.end();
    }
  }, 120_000);
});
