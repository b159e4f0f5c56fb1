import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createEnvironment, type Environment, sessionFetch, startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { Browser } from './support/browser.js';

const ENTRY = createRequire(import.meta.url).resolve('@tradecafe-ai/mcp/dist/index.js');

let environment: Environment;
let app: TestApp;
let home: string;
const clients: Client[] = [];

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  home = await mkdtemp(join(tmpdir(), 'tradecafe-npm-'));
  await mkdir(join(home, 'bin'));
  for (const name of ['xdg-open', 'open']) {
    const file = join(home, 'bin', name);
    await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$1" >> "${home}/opened"\n`);
    await chmod(file, 0o755);
  }
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await app?.close();
  await environment?.drop();
  await rm(home, { recursive: true, force: true });
});

/** The published package in OAuth mode, unmodified, as an MCP host starts it. */
async function startClient(): Promise<Client> {
  const client = new Client({ name: 'host', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [ENTRY],
      stderr: 'ignore',
      env: {
        HOME: home,
        PATH: `${join(home, 'bin')}:${process.env.PATH}`,
        TRADECAFE_MODE: 'live',
        TRADECAFE_API_BASE_URL: `${app.url}/api`,
        TRADECAFE_AUTH_URL: `${app.config.publicUrl}/oauth/authorize`,
        TRADECAFE_TOKEN_URL: `${app.config.publicUrl}/oauth/token`,
      },
    }),
  );
  clients.push(client);
  return client;
}

const opened = async (): Promise<string[]> =>
  (await readFile(join(home, 'opened'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

const summary = (client: Client) => client.callTool({ name: 'get_account_summary', arguments: {} });

/** Does what a person does in the browser that the client opened, and delivers the answer to its loopback listener. */
async function consent(times: number): Promise<void> {
  const urls = await until(opened, ({ length }) => length >= times, 15_000);
  expect(urls).toHaveLength(times);
  const browser = await new Browser(app).signIn();
  const answer = await browser.press(await browser.form(urls.at(-1)!), 'authorize');
  expect((await fetch(answer.headers.get('location')!)).status).toBe(200);
}

interface TokenFile {
  access_token: string;
  refresh_token: string;
  expires_at: string;
}

const tokenFile = (): string => join(home, '.tradecafe', 'tokens.json');
const storedTokens = async (): Promise<TokenFile> => JSON.parse(await readFile(tokenFile(), 'utf8')) as TokenFile;

describe('the npm package @tradecafe-ai/mcp in OAuth mode', () => {
  it('asks once, calls, refreshes beside a second process, and asks anew after a revocation', async () => {
    const first = await startClient();
    const waiting = summary(first);
    await consent(1);
    expect(await waiting).not.toMatchObject({ isError: true });
    const { access_token: granted } = await storedTokens();
    expect(granted).toMatch(/^tc_at_/);

    // Two hosts with one token file refresh at the same moment: nobody is asked, nobody is locked out.
    const second = await startClient();
    await writeFile(tokenFile(), JSON.stringify({ ...(await storedTokens()), expires_at: new Date(0).toISOString() }));
    const answers = await Promise.all([summary(first), summary(second)]);
    for (const answer of answers) expect(answer).not.toMatchObject({ isError: true });
    expect(await opened()).toHaveLength(1);
    expect((await storedTokens()).access_token).not.toBe(granted);
    for (const client of [first, second]) expect(await summary(client)).not.toMatchObject({ isError: true });

    const call = await sessionFetch(app);
    const { apps } = (await (await call('GET', '/v1/apps')).json()) as { apps: { id: string; resource: string }[] };
    expect(apps).toMatchObject([{ resource: 'api' }]);
    expect((await call('DELETE', `/v1/apps/${apps[0]!.id}`)).status).toBe(204);
    const again = summary(first);
    await consent(2);
    expect(await again).not.toMatchObject({ isError: true });
  }, 90_000);
});
