import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Page } from 'playwright-core';
import { READ_SCOPES } from '../../../src/auth/scopes.js';
import { TOOLS } from '../../../src/tools/registry.js';
import { inChromium, pickUser, World } from './world.js';

/** Where `npx` finds the client that package.json names, without asking anybody. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const READ_TOOLS = TOOLS.filter(({ scope }) => READ_SCOPES.includes(scope)).map(({ name }) => name);

interface RemoteServer {
  readonly url: string;
  readonly headers: Record<string, string>;
}

interface LocalServer {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** Runs what a person would paste into a terminal. */
async function inTerminal(commands: string): Promise<string> {
  return (await promisify(execFile)('bash', ['-c', commands])).stdout;
}

/** The tools that a client configured like this sees. */
async function toolsAt({ url, headers }: RemoteServer): Promise<string[]> {
  const client = new Client({ name: 'newcomer', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

inChromium('who has never seen the service', () => {
  let world: World;
  let page: Page;
  let home: string;
  beforeAll(async () => {
    world = await World.start();
    home = await mkdtemp(join(tmpdir(), 'tradecafe-newcomer-'));
    page = await world.visitor();
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await rm(home, { recursive: true, force: true });
  });

  /** The text for a client, as the page shows it. */
  async function snippet(client: string): Promise<string> {
    await page.getByText(client, { exact: true }).click();
    const block = page.getByLabel(`For ${client}`, { exact: true }).locator('code');
    await block.waitFor();
    return block.innerText();
  }

  it('comes from the root to a token by what the pages say', async () => {
    await page.goto('/');
    await page.getByRole('heading', { name: 'Connect in three steps' }).waitFor();
    const line = await page.getByLabel('For Claude Code, without a token').locator('code').innerText();
    expect(line).toBe(`claude mcp add --transport http tradecafe ${world.app.config.apiPublicUrl}/mcp`);
    await page.getByRole('link', { name: 'Create a token' }).first().click();
    await pickUser(page, 'demo');
    await page.waitForURL('**/settings/tokens#new');
    await page.getByText('You have none yet.').waitFor();
    await page.getByRole('link', { name: 'Create one' }).click();
    await page.getByLabel('Name', { exact: true }).fill('My first client');
    await page.getByRole('button', { name: 'Create token' }).click();
    expect(await page.locator('#token').textContent()).toMatch(/^tc_pat_/);
  }, 60_000);

  it('runs the line for curl as it is shown', async () => {
    const answer = await inTerminal(await snippet('curl, MCP'));
    const message = JSON.parse(/^data: ?(.+)$/m.exec(answer)?.[1] ?? answer) as {
      result: { tools: { name: string }[] };
    };
    expect(message.result.tools.map(({ name }) => name)).toEqual(READ_TOOLS);
    const positions = JSON.parse(await inTerminal(await snippet('curl, plain HTTP'))) as { position_id: string }[];
    expect(positions[0]!.position_id).toMatch(/^pos_/);
  }, 60_000);

  it('starts the npm client with the JSON for Claude Desktop as it is shown', async () => {
    const { mcpServers } = JSON.parse(await snippet('Claude Desktop')) as { mcpServers: { tradecafe: LocalServer } };
    const { command, args, env } = mcpServers.tradecafe;
    // Offline: what npx starts is the package that this project is tested against, and nothing that is fetched.
    const around = { ...getDefaultEnvironment(), HOME: home, npm_config_offline: 'true' };
    const client = new Client({ name: 'newcomer', version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({ command, args, env: { ...around, ...env }, cwd: ROOT, stderr: 'ignore' }),
    );
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(READ_TOOLS));
    const result = await client.callTool({ name: 'get_account_summary', arguments: {} });
    await client.close();
    expect(JSON.stringify(result.content)).toContain('demo_user');
    expect(result.isError).not.toBe(true);
  }, 120_000);

  it('adds the server with the line for Claude Code as it is shown', async () => {
    const args = await inTerminal(`claude() { printf '%s\\n' "$@"; }\n${await snippet('Claude Code')}`);
    const [mcp, add, flag, transport, name, url, header, value] = args.trimEnd().split('\n');
    expect([mcp, add, flag, transport, name, header]).toEqual([
      'mcp',
      'add',
      '--transport',
      'http',
      'tradecafe',
      '--header',
    ]);
    const [field, ...rest] = value!.split(': ');
    expect(await toolsAt({ url: url!, headers: { [field!]: rest.join(': ') } })).toEqual(READ_TOOLS);
  }, 60_000);

  it('gives Cursor and VS Code a server that works, as text and as a link', async () => {
    const cursor = JSON.parse(await snippet('Cursor')) as { mcpServers: { tradecafe: RemoteServer } };
    const vscode = JSON.parse(await snippet('VS Code')) as { servers: { tradecafe: RemoteServer } };
    const link = async (client: string): Promise<string> =>
      (await page.getByRole('link', { name: `Add to ${client}` }).getAttribute('href'))!;
    const config = new URL(await link('Cursor')).searchParams.get('config')!;
    const query = (await link('VS Code')).split('?', 2)[1]!;
    for (const server of [
      cursor.mcpServers.tradecafe,
      vscode.servers.tradecafe,
      JSON.parse(Buffer.from(config, 'base64').toString()) as RemoteServer,
      JSON.parse(decodeURIComponent(query)) as RemoteServer,
    ])
      expect(await toolsAt(server)).toEqual(READ_TOOLS);
  }, 60_000);

  it('presses "Test it now" and sees the answer', async () => {
    await page.getByRole('button', { name: 'Test it now' }).click();
    await page.locator('output').getByText(`It works. This token opens ${READ_TOOLS.length} tools`).waitFor();
    expect(await page.locator('output').textContent()).toContain(READ_TOOLS.join(', '));
  });

  it('copies the token with its button', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const block = page.getByLabel('Your new token', { exact: true });
    await block.getByRole('button', { name: 'Copy' }).click();
    await block.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await page.locator('#token').textContent());
  });

  it('finds in the activity what the clients did', async () => {
    await page.getByRole('link', { name: 'Activity', exact: true }).click();
    const entries = page.locator('.activity-entry');
    await entries.first().waitFor();
    const texts = await entries.allTextContents();
    expect(texts.find((text) => text.includes('The npm client looked at your profile'))).toBeDefined();
    expect(texts.find((text) => text.includes('curl looked at your positions'))).toBeDefined();
    expect(texts.find((text) => text.includes('You created the token “My first client”'))).toBeDefined();
  });

  it('learns why when the token no longer works', async () => {
    const token = await createAnother();
    const other = await page.context().newPage();
    await other.goto('/settings/tokens');
    await other.getByRole('link', { name: 'Revoke Another' }).click();
    await other.getByRole('button', { name: 'Revoke token' }).click();
    await other.close();
    await page.getByRole('button', { name: 'Test it now' }).click();
    await page.locator('output').getByText('Refused (401)').waitFor();
    expect(await page.locator('output').textContent()).not.toContain(token);
  }, 60_000);

  async function createAnother(): Promise<string> {
    await page.goto('/settings/tokens');
    await page.getByLabel('Name', { exact: true }).fill('Another');
    await page.getByRole('button', { name: 'Create token' }).click();
    return (await page.locator('#token').textContent())!;
  }
});
