import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedTools } from '../../../src/tools/registry.js';
import { createEnvironment, mintToken, startApp } from '../../support/app.js';
import { startTestServer, stopTestServer } from '../../support/test-server-handle.mjs';
import type { Outcome } from '../outcome.js';
import type { Tools } from '../tools.js';
import { inspector } from './inspector.js';
import { mcpRemote } from './mcp-remote.js';

/** A client of somebody else's, connected with a PAT. Its methods throw when the program fails. */
export interface ForeignClient {
  readonly name: string;
  /** Names of the tools that it lists. */
  list(token: string): Promise<string[]>;
  /** What a call of get_account_summary came to: the structured content. */
  summary(token: string): Promise<unknown>;
}

const TRIALS: Readonly<Record<string, (client: ForeignClient, token: string) => Promise<string | undefined>>> = {
  'lists the tools': async (client, token) => {
    const wanted = publishedTools.map(({ name }) => name).join(' ');
    const listed = (await client.list(token)).join(' ');
    return listed === wanted ? undefined : `it listed: ${listed}`;
  },
  'calls a tool': async (client, token) => {
    const summary = (await client.summary(token)) as { user_id?: unknown } | undefined;
    return summary?.user_id === 'usr_demo_8f3a91' ? undefined : `it got: ${JSON.stringify(summary)}`;
  },
  'gets nothing with a token that is none': async (client, token) => {
    const bent = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`;
    const got = await client.summary(bent).catch(() => undefined);
    return got === undefined ? undefined : `it got: ${JSON.stringify(got)}`;
  },
};

/** Lets each client list and call tools of the service itself, in its own process, with a token of the demo user. */
export async function runClients(tools: Tools): Promise<Outcome[]> {
  const home = await mkdtemp(join(tmpdir(), 'conformance-home-'));
  const server = await startTestServer();
  if ('error' in server) throw new Error(server.error);
  process.env['TEST_SERVER'] = JSON.stringify(server);
  const environment = await createEnvironment();
  const app = await startApp(environment);
  try {
    const { token } = await mintToken(app);
    const outcomes: Outcome[] = [];
    for (const client of [
      inspector(tools, `${app.url}/mcp`, 'legacy', home),
      inspector(tools, `${app.url}/mcp`, 'modern', home),
      mcpRemote(tools, `${app.url}/mcp`, home),
    ]) {
      for (const [what, trial] of Object.entries(TRIALS)) {
        const problem = await trial(client, token).catch((error: unknown) => String(error));
        outcomes.push({ name: `${client.name} ${what}`, checks: 1, problems: problem === undefined ? [] : [problem] });
      }
    }
    return outcomes;
  } finally {
    await app.close();
    await environment.drop();
    await stopTestServer();
    await rm(home, { recursive: true, force: true });
  }
}
