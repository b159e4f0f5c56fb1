import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/** The public package as people run it, in a process of its own, with an MCP client at its standard streams. */
export interface NpmClient {
  listTools(): Promise<string[]>;
  /** What a tool returned, or the text of its error. */
  call(tool: string, args?: Record<string, unknown>): Promise<NpmResult>;
  close(): Promise<void>;
}

export type NpmResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly text: string };

/**
 * Starts `@tradecafe-ai/mcp`, unmodified, told nothing but where this service is and the token.
 * @param baseUrl `…/api`
 */
export async function startNpmClient(baseUrl: string, token: string): Promise<NpmClient> {
  const home = await mkdtemp(join(tmpdir(), 'tradecafe-npm-client-'));
  const manifest = createRequire(import.meta.url).resolve('@tradecafe-ai/mcp/package.json');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(dirname(manifest), 'dist', 'index.js')],
    // Nothing of ours leaks in, and nothing of a person's home either.
    env: { HOME: home, TRADECAFE_API_BASE_URL: baseUrl, TRADECAFE_PAT: token },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'differential-test', version: '1.0.0' });
  await client.connect(transport);
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}) => {
      const result = await client.callTool({ name, arguments: args });
      const [content] = result.content as { text: string }[];
      const { text } = content!;
      return result.isError === true ? { ok: false, text } : { ok: true, value: JSON.parse(text) as unknown };
    },
    close: async () => {
      await client.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
