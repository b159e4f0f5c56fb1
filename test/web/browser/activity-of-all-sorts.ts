import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

interface Position {
  readonly position_id: string;
}

const NPM_CLIENT = '@tradecafe-ai/mcp/1.1.0';

/**
 * Leaves an entry of each sort in the log of a token's owner: reads, a preview alone, a trade with its preview, one by
 * pwa-be's own path with the look that let it in and the same once more, refusals of ours, and what failed.
 * @param token may trade, up to an amount below that of the pending trade
 */
export async function actOfAllSorts(base: string, token: string): Promise<void> {
  const call = async <T>(path: string, init: { method?: string; body?: object; client: string; key?: string }) => {
    const answer = await fetch(`${base}${path}`, {
      method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent': init.client,
        ...(init.key === undefined ? {} : { 'idempotency-key': init.key }),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: init.body === undefined ? undefined : JSON.stringify(init.body),
    });
    const text = await answer.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const code = { client: 'claude-code/2.1.0' };
  const client = new Client({ name: 'claude-code', version: '2.1.0' });
  const headers = { authorization: `Bearer ${token}`, 'user-agent': 'claude-code/2.1.0' };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${base}/mcp`), { requestInit: { headers } }));
  await client.callTool({ name: 'get_account_summary', arguments: {} });
  await client.callTool({ name: 'get_signal_details', arguments: { signal_id: 'sig_that_is_not_there' } });
  await client.close();

  const positions = await call<Position[]>('/v1/positions?status=open', code);
  const [first, second] = positions;
  const body = { position_id: first!.position_id };
  const { action_token } = await call<{ action_token: string }>('/v1/positions/close/preview', { ...code, body });
  await call('/v1/positions/close', { ...code, body: { ...body, action_token } });
  await call('/v1/positions/close', { ...code, body: { ...body, action_token } });
  const signals = await call<{ signal_id: string; status: string }[]>('/v1/signals/recent', code);
  for (const { signal_id } of signals.slice(0, 2))
    await call('/v1/trades/approve/preview', { ...code, body: { signal_id } });

  const npm = { client: NPM_CLIENT };
  await call('/api/user/me', npm);
  await call('/api/trade/active', npm);
  const write = { ...npm, method: 'PUT', key: randomUUID(), body: {} };
  const path = `/api/trade/close/${second?.position_id ?? first!.position_id}`;
  await call(path, write);
  await call(path, write);
  await call(path, { ...write, key: randomUUID() });
}
