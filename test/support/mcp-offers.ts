import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const CLIENT_INFO = { name: 'test-client', version: '1.2.3' };

interface Listed {
  readonly name: string;
  readonly uri?: string;
  readonly uriTemplate?: string;
  readonly icons?: readonly { readonly src: string; readonly mimeType?: string }[];
}

/** What both SDKs' clients have beyond tools, as far as the suites look at it. */
export interface OffersClient {
  getServerCapabilities(): Record<string, unknown> | undefined;
  getServerVersion(): { readonly icons?: readonly { readonly src: string }[] } | undefined;
  getInstructions(): string | undefined;
  listResources(): Promise<{ resources: Listed[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: Listed[] }>;
  readResource(params: { uri: string }): Promise<{
    contents: { uri: string; mimeType?: string; text?: string }[];
    ttlMs?: number;
    cacheScope?: string;
    _meta?: Record<string, unknown>;
  }>;
  listPrompts(): Promise<{ prompts: (Listed & { arguments?: { name: string; required?: boolean }[] })[] }>;
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<{
    description?: string;
    messages: { role: string; content: { type: string; text?: string } }[];
  }>;
  complete(params: {
    ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string };
    argument: { name: string; value: string };
  }): Promise<{ completion: { values: string[]; total?: number; hasMore?: boolean } }>;
  close(): Promise<void>;
}

function authorized(token: string) {
  return { requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

async function legacyOffers(url: string, token: string): Promise<OffersClient> {
  const client = new LegacyClient(CLIENT_INFO);
  await client.connect(new LegacyTransport(new URL(`${url}/mcp`), authorized(token)));
  return client;
}

/** The client of SDK v2 itself: what only it has, such as `listen`, is there too. */
async function modernSdkClient(url: string, token: string): Promise<ModernClient> {
  const client = new ModernClient(CLIENT_INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernTransport(new URL(`${url}/mcp`), authorized(token)));
  return client;
}

/** Both clients, to run a suite once in each era; with the code that says that a resource is not there. */
export const OFFER_ERAS = [
  ['SDK v1, 2025-11-25', -32002, legacyOffers],
  [
    'SDK v2, 2026-07-28',
    -32602,
    async (url: string, token: string) => (await modernSdkClient(url, token)) as unknown as OffersClient,
  ],
] as const;

/** Code and data of a JSON-RPC error that a client threw. */
export async function rpcErrorOf(answer: Promise<unknown>): Promise<{ code: unknown; data: Record<string, unknown> }> {
  const error = await answer.then(
    (value) => {
      throw new Error(`no error but ${JSON.stringify(value).slice(0, 200)}`);
    },
    (reason: unknown) => reason as { code?: unknown; data?: Record<string, unknown> },
  );
  return { code: error.code, data: error.data ?? {} };
}
