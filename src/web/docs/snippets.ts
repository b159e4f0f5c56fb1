/** A client's own way to be told about this service. */
export interface Snippet {
  readonly id: string;
  readonly client: string;
  /** Where the text goes. */
  readonly where: string;
  readonly text: string;
}

const PAT_PLACEHOLDER = 'YOUR_TOKEN';

/** Claude Code's line for who signs in with the browser instead of a token. */
export function addByAddress(apiPublicUrl: string): string {
  return `claude mcp add --transport http tradecafe ${apiPublicUrl}/mcp`;
}

/**
 * Ready-made text for the clients in use.
 * @param apiPublicUrl base of `/mcp`, `/v1` and `/api`
 * @param token a personal access token; absent: a placeholder
 */
export function snippets(apiPublicUrl: string, token = PAT_PLACEHOLDER): readonly Snippet[] {
  const url = `${apiPublicUrl}/mcp`;
  const headers = { Authorization: `Bearer ${token}` };
  return [
    {
      id: 'claude-code',
      client: 'Claude Code',
      where: 'Run this once in a terminal.',
      text: `${addByAddress(apiPublicUrl)} --header "Authorization: Bearer ${token}"`,
    },
    {
      id: 'claude-desktop',
      client: 'Claude Desktop',
      where:
        'Add this to claude_desktop_config.json (Settings, Developer, Edit Config) and start the app again. Needs Node.',
      text: json({
        mcpServers: {
          tradecafe: {
            command: 'npx',
            args: ['-y', '@tradecafe-ai/mcp'],
            env: { TRADECAFE_PAT: token, TRADECAFE_API_BASE_URL: `${apiPublicUrl}/api` },
          },
        },
      }),
    },
    {
      id: 'cursor',
      client: 'Cursor',
      where: 'Add this to ~/.cursor/mcp.json.',
      text: json({ mcpServers: { tradecafe: { url, headers } } }),
    },
    {
      id: 'vscode',
      client: 'VS Code',
      where: 'Run "MCP: Open User Configuration" and add this to mcp.json.',
      text: json({ servers: { tradecafe: { type: 'http', url, headers } } }),
    },
    {
      id: 'curl',
      client: 'curl, MCP',
      where: 'Lists the tools that the token opens.',
      text: [
        `curl ${url} \\`,
        `  -H 'Authorization: Bearer ${token}' \\`,
        `  -H 'Content-Type: application/json' \\`,
        `  -H 'Accept: application/json, text/event-stream' \\`,
        `  -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
      ].join('\n'),
    },
    {
      id: 'curl-v1',
      client: 'curl, plain HTTP',
      where: 'Your open positions. Every address is further down this page, or in openapi.json.',
      text: [`curl '${apiPublicUrl}/v1/positions?status=open' \\`, `  -H 'Authorization: Bearer ${token}'`].join('\n'),
    },
  ];
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
