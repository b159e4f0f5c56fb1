import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** The result of a tool call, as far as the tests look at it; the same in both eras. */
export interface CallResult {
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly _meta?: Record<string, unknown>;
}

/** What the suites need of a real MCP client, whichever SDK it comes from. */
export interface McpClient {
  readonly protocolVersion: string | undefined;
  listTools(): Promise<{ name: string }[]>;
  call(name: string, args?: Record<string, unknown>): Promise<CallResult>;
  close(): Promise<void>;
}

const CLIENT_INFO = { name: 'test-client', version: '1.2.3' };

/** The client of SDK v1: the 2025 handshake. */
export async function legacyClient(url: string, token: string): Promise<McpClient> {
  const client = new LegacyClient(CLIENT_INFO);
  const transport = new LegacyTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return {
    protocolVersion: transport.protocolVersion,
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as CallResult,
    close: () => client.close(),
  };
}

/** The client of SDK v2, pinned to the revision without a handshake. */
export async function modernClient(url: string, token: string): Promise<McpClient> {
  const client = new ModernClient(CLIENT_INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const transport = new ModernTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as CallResult,
    close: () => client.close(),
  };
}

/** Both clients, to run a suite once in each era. */
export const ERAS = [
  ['SDK v1, 2025-11-25', '2025-11-25', legacyClient],
  ['SDK v2, 2026-07-28', '2026-07-28', modernClient],
] as const;

/** The `_meta` of one of our tool errors. */
export function errorOf(result: CallResult): Record<string, unknown> {
  return (result._meta?.['ai.tradecafe/error'] ?? {}) as Record<string, unknown>;
}

/** The headers that every POST to /mcp needs. */
export function mcpHeaders(token: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...extra,
  };
}

/** A request of the modern era as it stands on the wire, to bend in tests. */
export function modernRequest(method: string, params: Record<string, unknown> = {}) {
  const name = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};
  return {
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...name } as Record<string, string>,
    body: {
      jsonrpc: '2.0',
      id: 7,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    },
  };
}
