import { mcpHeaders, modernRequest } from '../support/mcp.js';

/** One request of a load, and how it is known to have succeeded. */
type Request = () => Promise<string | undefined>;

/**
 * Calls a service over and over until it is stopped, in both eras of MCP and over REST, from several clients at once.
 */
export class Load {
  private readonly failures: string[] = [];
  private readonly clients: Promise<void>[] = [];
  private answered = 0;
  private stopped = false;

  /** @param clients how many send at the same time; each sends its next request when the last is answered */
  constructor(url: string, token: string, clients: number) {
    const requests = requestsOf(url, token);
    for (let client = 0; client < clients; client++) this.clients.push(this.run(requests, client));
  }

  get count(): number {
    return this.answered;
  }

  /** @returns what did not succeed, in words; empty when everything did */
  async stop(): Promise<string[]> {
    this.stopped = true;
    await Promise.all(this.clients);
    return this.failures;
  }

  private async run(requests: readonly Request[], client: number): Promise<void> {
    for (let turn = client; !this.stopped; turn++) {
      const problem = await requests[turn % requests.length]!().catch((error: unknown) => String(error));
      if (problem === undefined) this.answered++;
      else this.failures.push(problem);
    }
  }
}

function requestsOf(url: string, token: string): Request[] {
  const modern = modernRequest('tools/call', { name: 'get_account_summary', arguments: {} });
  const post = async (body: unknown, headers: Record<string, string>): Promise<string | undefined> => {
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: mcpHeaders(token, headers),
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return response.status === 200 && text.includes('"structuredContent"') ? undefined : `${response.status} ${text}`;
  };
  const params = { name: 'get_positions', arguments: {} };
  return [
    () => post(modern.body, modern.headers),
    () => post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, {}),
    async () => {
      const response = await fetch(`${url}/v1/signals/recent`, { headers: { authorization: `Bearer ${token}` } });
      const text = await response.text();
      return response.status === 200 ? undefined : `${response.status} ${text}`;
    },
  ];
}
