import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Tools } from '../tools.js';
import type { ForeignClient } from './clients.js';

/** mcp-remote: the bridge by which clients that only speak stdio reach a server over HTTP. */
export function mcpRemote({ node, mcpRemote: program }: Tools, url: string, home: string): ForeignClient {
  const using = async <T>(token: string, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ name: 'behind-mcp-remote', version: '1' });
    const transport = new StdioClientTransport({
      command: node,
      args: [program, url, '--transport', 'http-only', '--allow-http', '--header', `Authorization: Bearer ${token}`],
      env: { HOME: home, PATH: process.env['PATH'] ?? '', MCP_REMOTE_CONFIG_DIR: home, BROWSER: 'none' },
      stderr: 'ignore',
    });
    try {
      await client.connect(transport, { timeout: 20_000 });
      return await use(client);
    } finally {
      await client.close();
    }
  };
  return {
    name: 'mcp-remote',
    list: (token) => using(token, async (client) => (await client.listTools()).tools.map(({ name }) => name)),
    summary: (token) =>
      using(token, async (client) => (await client.callTool({ name: 'get_account_summary' })).structuredContent),
  };
}
