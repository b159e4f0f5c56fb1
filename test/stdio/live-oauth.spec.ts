import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Browser } from '../oauth/support/browser.js';
import { createEnvironment, type Environment, sessionFetch, startApp, type TestApp } from '../support/app.js';
import { type CallResult, errorOf } from '../support/mcp.js';
import { until } from '../support/until.js';
import {
  legacyStdio,
  Machine,
  modernStdio,
  STDIO_ERAS,
  type StdioClient,
  type StdioOptions,
} from './support/stdio-process.js';

const SIGNAL = 'sig_2026060402';

let machine: Machine;
let environment: Environment;
let app: TestApp;
const clients: StdioClient[] = [];
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
});
beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await machine.remove();
  environment.sandbox.control.reset();
}, 120_000);
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

type Connect = (options: StdioOptions) => Promise<StdioClient>;

async function open(connect: Connect, extra: Record<string, string> = {}): Promise<StdioClient> {
  const client = await connect({ environment: { ...machine.environment, TRADECAFE_API_BASE_URL: app.url, ...extra } });
  clients.push(client);
  return client;
}

/** Does what a person does in the browser that was opened, and delivers the answer to the waiting program. */
async function consent(times: number, decision: 'authorize' | 'cancel' = 'authorize'): Promise<URLSearchParams> {
  const urls = await until(
    () => machine.opened(),
    ({ length }) => length >= times,
    30_000,
  );
  expect(urls).toHaveLength(times);
  const browser = await new Browser(app).signIn();
  const answer = await browser.press(await browser.form(urls.at(-1)!), decision);
  expect((await fetch(answer.headers.get('location')!)).status).toBe(200);
  return new URL(urls.at(-1)!).searchParams;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_at: string;
  readonly scope: string;
}

type Content = Record<string, unknown> & { mcp?: Record<string, Tokens> };

const content = async (): Promise<Content> => JSON.parse(await readFile(machine.tokenFile, 'utf8')) as Content;
const stored = async (): Promise<Tokens> => Object.values((await content()).mcp!)[0]!;

/** Makes the access token look as if it had ended: what an hour does. */
async function expire(): Promise<Tokens> {
  const { mcp, ...rest } = await content();
  const [[key, tokens]] = Object.entries(mcp!) as [[string, Tokens]];
  const expired = { ...tokens, expires_at: new Date(0).toISOString() };
  await writeFile(machine.tokenFile, JSON.stringify({ ...rest, mcp: { [key]: expired } }));
  return tokens;
}

const summary = (client: StdioClient): Promise<CallResult> => client.call('get_account_summary');
const codeOf = (result: CallResult): unknown => errorOf(result)['code'];
const good = (result: CallResult) => expect(result).not.toMatchObject({ isError: true });

async function revokeAll(): Promise<void> {
  const call = await sessionFetch(app);
  const { apps } = (await (await call('GET', '/v1/apps')).json()) as { apps: { id: string }[] };
  for (const { id } of apps) expect((await call('DELETE', `/v1/apps/${id}`)).status).toBe(204);
}

describe.each(STDIO_ERAS)('the browser, %s', (_, connect) => {
  it('is opened by the first call, not by the start; then never again', async () => {
    const client = await open(connect);
    expect(await client.listTools()).toHaveLength(10);
    expect(await machine.opened()).toEqual([]);
    const waiting = summary(client);
    const asked = await consent(1);
    good(await waiting);
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: 'tradecafe-mcp',
      code_challenge_method: 'S256',
      resource: `${app.config.publicUrl}/mcp`,
      scope: 'read:account read:signals read:positions read:billing read:pool read:referrals',
    });
    expect((await stat(machine.tokenFile)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(machine.tokenFile))).mode & 0o777).toBe(0o700);
    expect((await stored()).access_token).toMatch(/^tc_at_/);

    good(await client.call('get_pool_status'));
    const next = await open(connect);
    good(await summary(next));
    expect(await machine.opened()).toHaveLength(1);
  }, 120_000);

  it('is opened again for more rights, and keeps those there were', async () => {
    const client = await open(connect);
    const waiting = summary(client);
    await consent(1);
    good(await waiting);
    const preview = client.call('approve_pending_trade', { signal_id: SIGNAL });
    const asked = await consent(2);
    expect(asked.get('scope')!.split(' ').sort()).toEqual([
      'read:account',
      'read:billing',
      'read:pool',
      'read:positions',
      'read:referrals',
      'read:signals',
      'write:trades',
    ]);
    const { action_token } = (await preview).structuredContent!;
    const committed = await client.call('approve_pending_trade', { signal_id: SIGNAL, dry_run: false, action_token });
    expect(committed.structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
    good(await summary(client));
  }, 120_000);

  it('is opened again when the consent was revoked; the session goes on', async () => {
    const client = await open(connect);
    const waiting = summary(client);
    await consent(1);
    good(await waiting);
    await revokeAll();
    const again = summary(client);
    await consent(2);
    good(await again);
  }, 120_000);

  it('a no is told, and the next call asks once more', async () => {
    const client = await open(connect);
    const waiting = summary(client);
    await consent(1, 'cancel');
    const refused = await waiting;
    expect([refused.isError, codeOf(refused)]).toEqual([true, 'consent_refused']);
    const again = summary(client);
    await consent(2);
    good(await again);
  }, 120_000);
});

it('two processes that refresh at the same moment both go on, with one refresh', async () => {
  let refreshes = 0;
  const proxy = createServer((request, response) => {
    refreshes += 1;
    const { method, headers } = request;
    const onward = httpRequest(`${app.url}${request.url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const variables = {
    TRADECAFE_AUTH_URL: `${app.config.publicUrl}/oauth/authorize`,
    TRADECAFE_TOKEN_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/oauth/token`,
  };
  const first = await open(legacyStdio, variables);
  const waiting = summary(first);
  await consent(1);
  good(await waiting);
  const second = await open(modernStdio, variables);
  for (let round = 0; round < 3; round += 1) {
    refreshes = 0;
    const before = await expire();
    const answers = await Promise.all([first, second, first, second].map(summary));
    for (const answer of answers) good(answer);
    const after = await stored();
    expect(after.access_token).not.toBe(before.access_token);
    expect(after.refresh_token).not.toBe(before.refresh_token);
    expect(refreshes).toBe(1);
  }
  expect(await machine.opened()).toHaveLength(1);
  proxy.closeAllConnections();
  proxy.close();
}, 240_000);

it('two processes that need consent at the same moment ask once', async () => {
  const both = await Promise.all([open(legacyStdio), open(modernStdio)]);
  const waiting = both.map(summary);
  await consent(1);
  for (const answer of await Promise.all(waiting)) good(answer);
  expect(await machine.opened()).toHaveLength(1);
}, 240_000);

it('takes a file that it cannot understand for an empty one, and leaves others their part of it', async () => {
  await mkdir(dirname(machine.tokenFile), { mode: 0o755 });
  await writeFile(machine.tokenFile, '{"access_token": "half a fi', { mode: 0o644 });
  const client = await open(legacyStdio);
  const waiting = summary(client);
  await consent(1);
  good(await waiting);
  expect((await stat(machine.tokenFile)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(machine.tokenFile))).mode & 0o777).toBe(0o700);

  // What the npm client keeps at the top of the same file is its own.
  await writeFile(machine.tokenFile, JSON.stringify({ ...(await content()), access_token: 'theirs', expires_at: 'x' }));
  await expire();
  good(await summary(client));
  expect(await content()).toMatchObject({ access_token: 'theirs', expires_at: 'x' });
  expect(await machine.opened()).toHaveLength(1);
}, 120_000);

it('a backend that is away costs neither the tokens nor a page', async () => {
  const client = await open(legacyStdio);
  const waiting = summary(client);
  await consent(1);
  good(await waiting);
  const tokens = await expire();
  const { port } = app.config;
  await app.close();
  const away = await summary(client);
  expect([away.isError, codeOf(away)]).toEqual([true, 'backend_unreachable']);
  expect((await stored()).refresh_token).toBe(tokens.refresh_token);
  app = await startApp(environment, { PORT: String(port) });
  good(await summary(client));
  expect(await machine.opened()).toHaveLength(1);
}, 120_000);

it('the variables of the environment steer it: endpoints, client and scopes', async () => {
  const client = await open(modernStdio, {
    TRADECAFE_AUTH_URL: `${app.config.publicUrl}/oauth/authorize`,
    TRADECAFE_TOKEN_URL: `${app.config.publicUrl}/oauth/token`,
    TRADECAFE_CLIENT_ID: 'tradecafe-mcp',
    TRADECAFE_SCOPES: 'read:account  read:positions',
    // As the npm client wants it.
    TRADECAFE_API_BASE_URL: `${app.url}/api/`,
  });
  const waiting = summary(client);
  const asked = await consent(1);
  good(await waiting);
  expect(asked.get('scope')).toBe('read:account read:positions');
  expect((await stored()).scope.split(' ').sort()).toEqual(['read:account', 'read:positions']);
  await expire();
  good(await summary(client));
  expect(await machine.opened()).toHaveLength(1);
}, 120_000);
