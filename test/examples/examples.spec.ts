import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Browser } from '../oauth/support/browser.js';
import { callbackOf } from '../oauth/support/flow.js';
import { ScriptedProvider } from '../oauth/support/scripted-provider.js';
import { Machine } from '../stdio/support/stdio-process.js';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples');
const README = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
const CLIENTS = ['claude-code', 'claude-desktop', 'cursor', 'vscode'];
const FILES = CLIENTS.flatMap((client) => readdirSync(join(EXAMPLES, client)).map((file) => [client, file] as const));
const PATIENCE = { timeout: 120_000 };

/** One entry as its client reads it. */
interface Entry {
  readonly type?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ConfigurationFile {
  readonly inputs?: readonly { readonly type: string; readonly id: string; readonly password: boolean }[];
  readonly mcpServers?: Readonly<Record<string, Entry>>;
  readonly servers?: Readonly<Record<string, Entry>>;
}

let environment: Environment;
let app: TestApp;
let token: string;
beforeAll(async () => {
  // What `npm run stdio` does at its first start, which may take longer than a client waits.
  await promisify(execFile)(process.execPath, ['scripts/prepare.mjs', '--build'], { cwd: ROOT });
  environment = await createEnvironment();
  app = await startApp(environment);
  ({ token } = await mintToken(app));
}, 600_000);
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const textOf = (client: string, file: string): string => readFileSync(join(EXAMPLES, client, file), 'utf8');
const parse = (text: string): ConfigurationFile => JSON.parse(text) as ConfigurationFile;
const entryOf = ({ mcpServers, servers }: ConfigurationFile): Entry => (mcpServers ?? servers)!['tradecafe']!;

/** Puts in what the README of the examples says that a person puts in, and nothing else. */
function filled(client: string, file: string): ConfigurationFile {
  const values = {
    '/path/to/tradecafe-mcp': ROOT,
    'http://127.0.0.1:3000': app.url,
    tc_pat_REPLACE_ME: token,
    '${TRADECAFE_PAT}': token,
    '${env:TRADECAFE_PAT}': token,
    '${input:tradecafe-pat}': token,
  };
  let text = textOf(client, file);
  for (const [placeholder, value] of Object.entries(values)) {
    if (text.includes(placeholder)) expect(README).toContain(placeholder);
    text = text.replaceAll(placeholder, value);
  }
  expect(text).not.toMatch(/\$\{|REPLACE|\/path\/to|127\.0\.0\.1:3000\b/);
  return parse(text);
}

async function callThrough(
  transport: StdioClientTransport | StreamableHTTPClientTransport,
  during?: () => Promise<void>,
) {
  const client = new Client({ name: 'example', version: '1.0.0' });
  try {
    await client.connect(transport, PATIENCE);
    const { tools } = await client.listTools({}, PATIENCE);
    expect(tools).toHaveLength(10);
    const [answer] = await Promise.all([
      client.callTool({ name: 'get_account_summary', arguments: {} }, undefined, PATIENCE),
      during?.(),
    ]);
    expect(answer).not.toMatchObject({ isError: true });
    expect(JSON.stringify(answer.content)).toContain('usr_demo_8f3a91');
  } finally {
    await client.close();
  }
}

async function startProgram({ command, args = [], env = {} }: Entry, file: string): Promise<void> {
  const machine = await Machine.create();
  const transport = new StdioClientTransport({
    command: command!,
    args: [...args],
    env: { ...machine.environment, ...env },
    // npx finds the public client among our development dependencies, where no network is needed.
    cwd: file === 'npm-client.json' ? ROOT : machine.home,
    stderr: 'ignore',
  });
  const consent = async (): Promise<void> => {
    const [url] = await until(
      () => machine.opened(),
      ({ length }) => length > 0,
      60_000,
    );
    const browser = await new Browser(app).signIn();
    const answer = await browser.press(await browser.form(url!), 'authorize');
    expect((await fetch(answer.headers.get('location')!)).status).toBe(200);
  };
  try {
    await callThrough(transport, file === 'stdio-oauth.json' ? consent : undefined);
    expect(await machine.opened()).toHaveLength(file === 'stdio-oauth.json' ? 1 : 0);
  } finally {
    await until(
      () => machine.postgres(),
      (pids) => pids.length === 0,
      15_000,
    );
    await machine.remove();
  }
}

async function connectByUrl({ url, headers }: Entry): Promise<void> {
  const address = new URL(url!);
  if (headers !== undefined) {
    await callThrough(new StreamableHTTPClientTransport(address, { requestInit: { headers } }));
    return;
  }
  const provider = new ScriptedProvider();
  const first = new StreamableHTTPClientTransport(address, { authProvider: provider });
  const client = new Client({ name: 'example', version: '1.0.0' });
  await expect(client.connect(first)).rejects.toThrow(UnauthorizedError);
  const browser = await new Browser(app).signIn();
  const page = await browser.form(provider.takeAuthorizationUrl().toString());
  await first.finishAuth(callbackOf(await browser.press(page, 'authorize')).query.get('code')!);
  await callThrough(new StreamableHTTPClientTransport(address, { authProvider: provider }));
}

describe.each(FILES)('examples/%s/%s', (client, file) => {
  it('has the form that its client reads', () => {
    const content = parse(textOf(client, file));
    const isVsCode = client === 'vscode';
    expect(Object.keys(content).filter((key) => key !== 'inputs')).toEqual([isVsCode ? 'servers' : 'mcpServers']);
    const entry = entryOf(content);
    // Claude Desktop starts programs only, and Cursor tells addresses by their `url`.
    const types = { 'claude-desktop': [undefined], cursor: ['stdio', undefined] }[client] ?? ['stdio', 'http'];
    expect(types).toContain(entry.type);
    expect(entry.url === undefined).toBe(file.startsWith('stdio-') || file === 'npm-client.json');
    const inputs = (content.inputs ?? []).map(({ id, password, type }) => [id, password, type]);
    const used = [...textOf(client, file).matchAll(/\$\{input:([\w-]+)\}/g)].map(([, id]) => [
      id,
      true,
      'promptString',
    ]);
    expect(inputs).toEqual(used);
    expect(README).toContain(`\`${file}\``);
  });

  it('works as it says', async () => {
    const entry = entryOf(filled(client, file));
    if (entry.url === undefined) await startProgram(entry, file);
    else await connectByUrl(entry);
  }, 300_000);
});

it('every client has every way that it can go, and every variable stands in docs/stdio.md', () => {
  const programs = ['npm-client.json', 'stdio-mock.json', 'stdio-oauth.json', 'stdio-token.json'];
  const addresses = ['http-oauth.json', 'http-token.json'];
  for (const client of CLIENTS) {
    const files = readdirSync(join(EXAMPLES, client)).sort();
    expect([client, files]).toEqual([
      client,
      client === 'claude-desktop' ? programs : [...addresses, ...programs].sort(),
    ]);
    expect(README).toContain(`(${client})`);
  }
  const docs = readFileSync(join(ROOT, 'docs/stdio.md'), 'utf8');
  for (const [client, file] of FILES) {
    for (const name of Object.keys(entryOf(parse(textOf(client, file))).env ?? {}))
      expect(docs).toContain(`\`${name}\``);
  }
  expect(existsSync(join(EXAMPLES, 'README.md'))).toBe(true);
});
