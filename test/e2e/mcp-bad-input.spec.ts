import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { ERAS, errorOf, mcpHeaders, modernRequest } from '../support/mcp.js';

let environment: Environment;
let app: TestApp;
let token: string;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  token = (await mintToken(app)).token;
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

interface RpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    error?: { code: number; message: string; data?: Record<string, unknown> };
    id?: unknown;
    result?: unknown;
  };
}

async function post(
  body: unknown,
  headers: Record<string, string> = mcpHeaders(token),
  path = '/mcp',
): Promise<RpcAnswer> {
  const response = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as RpcAnswer['body']),
  };
}

describe.each(ERAS)('arguments over %s', (_, _version, connect) => {
  it.each([
    ['get_recent_signals', { limit: 0 }, 'limit'],
    ['get_recent_signals', { limit: 101 }, 'limit'],
    ['get_recent_signals', { limit: 2.5 }, 'limit'],
    ['get_recent_signals', { limit: '20' }, 'limit'],
    ['get_recent_signals', { symbol: 'BTC/USDT' }, 'symbol'],
    ['get_recent_signals', { symbol: 'BTC-USDT-PERP' }, 'symbol'],
    ['get_recent_signals', { side: 'buy' }, 'side'],
    ['get_recent_signals', { include_history: 'yes' }, 'include_history'],
    ['get_positions', { limit: 201 }, 'limit'],
    ['get_positions', { status: 'all' }, 'status'],
    ['get_pnl_history', { timeframe: '14d' }, 'timeframe'],
    ['get_signal_details', {}, 'signal_id'],
    ['get_signal_details', { signal_id: '' }, 'signal_id'],
    ['get_account_summary', { verbose: true }, 'verbose'],
    ['get_pool_status', { user_id: 'usr_demo_2b7c44' }, 'user_id'],
  ])('%s %j is refused and %s is named', async (name, args, named) => {
    const client = await connect(app.url, token);
    const result = await client.call(name, args);
    expect(result.isError).toBe(true);
    expect(errorOf(result)).toMatchObject({ code: 'invalid_arguments' });
    expect(result.content[0]!.text).toContain(named);
    await client.close();
  });

  it('an unknown tool is a protocol error that names it', async () => {
    const client = await connect(app.url, token);
    await expect(client.call('get_everything')).rejects.toThrow(/get_everything/);
    await client.close();
  });

  it('an unknown signal is an error that says what to do', async () => {
    const client = await connect(app.url, token);
    const result = await client.call('get_signal_details', { signal_id: 'sig_none' });
    expect(errorOf(result)).toMatchObject({ code: 'signal_not_found' });
    expect(result.content[0]!.text).toContain('get_recent_signals');
    await client.close();
  });
});

describe('the HTTP envelope', () => {
  it('malformed JSON is 400 -32700', async () => {
    const answer = await post('{"jsonrpc":');
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, data: { code: 'invalid_json' } },
    });
  });

  it('a body that is not UTF-8 is 400 -32700: its id could not be answered with', async () => {
    const answer = await post(new Blob([Buffer.from('{"jsonrpc":"2.0","id":"\u00ff","method":"ping"}', 'latin1')]));
    expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([400, -32700, null]);
    expect(answer.body.error?.message).toContain('UTF-8');
  });

  it('a body over 256 KiB is 413, one just below is read', async () => {
    const padded = (bytes: number) => JSON.stringify({ ...LIST, params: { _meta: { pad: 'x'.repeat(bytes) } } });
    expect((await post(padded(256 * 1024))).status).toBe(413);
    expect((await post(padded(255 * 1024))).status).toBe(200);
  });

  it.each([
    ['application/json', 406],
    ['text/event-stream', 406],
    ['text/html', 406],
    ['application/json, text/event-stream', 200],
    ['*/*', 200],
    ['text/*, application/*;q=0.5', 200],
  ])('Accept: %s answers %d', async (accept, status) => {
    expect((await post(LIST, mcpHeaders(token, { accept }))).status).toBe(status);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'Content-Type %s is 415',
    async (type) => {
      expect((await post(LIST, mcpHeaders(token, { 'content-type': type }))).status).toBe(415);
    },
  );

  it.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://127.0.0.1.evil.example', 403],
  ])('Origin %s is refused', async (origin, status) => {
    const answer = await post(LIST, mcpHeaders(token, { origin }));
    expect(answer.status).toBe(status);
    expect(answer.body.error?.data).toMatchObject({ code: 'origin_not_allowed' });
  });

  it.each(['/%6dcp', '/mc%70', '//mcp', '/mcp/'])(
    'a foreign Origin does not get in by writing the address as %s',
    async (path) => {
      const headers = mcpHeaders(token, { origin: 'https://evil.example' });
      const response = await fetch(`${app.url}${path}`, { method: 'POST', headers, body: JSON.stringify(LIST) });
      expect([403, 404]).toContain(response.status);
      const origin = { origin: 'https://evil.example', authorization: `Bearer ${token}` };
      for (const route of ['/%761/account/summary', '/%61pi/user/me']) {
        expect((await fetch(`${app.url}${route}`, { headers: origin })).status).toBe(403);
      }
    },
  );

  it('our own Origin passes and may read the answer', async () => {
    const answer = await post(LIST, mcpHeaders(token, { origin: app.config.publicUrl }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(app.config.publicUrl);
  });

  it.each([
    ['a batch', [LIST, LIST]],
    ['an empty batch', []],
    ['a string', '"tools/list"'],
    ['no method', { jsonrpc: '2.0', id: 1 }],
    ['another JSON-RPC version', { ...LIST, jsonrpc: '1.0' }],
    ['a null id', { ...LIST, id: null }],
    ['an object id', { ...LIST, id: {} }],
    ['a response nobody waits for', { jsonrpc: '2.0', id: 1, result: {} }],
  ])('%s is 400', async (_, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error?.code).toBe(-32600);
  });

  it.each(['GET', 'DELETE'])('%s is 405 with Allow', async (method) => {
    const response = await fetch(`${app.url}/mcp`, { method, headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it.each([
    ['tools/call', { name: 'get_positions', arguments: [] }],
    ['tools/call', { name: 'get_positions', arguments: null }],
    ['tools/call', { name: 7 }],
    ['tools/call', undefined],
    ['initialize', { protocolVersion: '2025-11-25' }],
    ['initialize', { protocolVersion: 7, capabilities: {}, clientInfo: { name: 'a', version: '1' } }],
  ])('%s with params %j is -32602 in one sentence', async (method, params) => {
    const { status, body } = await post({ jsonrpc: '2.0', id: 3, method, params });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 3, error: { code: -32602 } });
    expect(body.error!.message).toMatch(/^[^{[]{10,140}$/);
  });

  it('an unknown method is -32601, on the modern leg with 404', async () => {
    expect((await post({ ...LIST, method: 'tools/destroy' })).body.error?.code).toBe(-32601);
    const { headers, body } = modernRequest('tools/destroy');
    const answer = await post(body, mcpHeaders(token, headers));
    expect([answer.status, answer.body.error?.code]).toEqual([404, -32601]);
  });

  it('a notification is taken without a body', async () => {
    const answer = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([answer.status, answer.body]).toEqual([202, {}]);
  });
});

describe('headers and body of the modern era', () => {
  const call = (change: (request: ReturnType<typeof modernRequest>) => void) => {
    const request = modernRequest('tools/call', { name: 'get_positions', arguments: {} });
    change(request);
    return post(request.body, mcpHeaders(token, request.headers));
  };

  it('an unbent request passes', async () => {
    const answer = await call(() => undefined);
    expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    expect(answer.body.result).toMatchObject({ resultType: 'complete' });
  });

  it.each<[string, number, (request: ReturnType<typeof modernRequest>) => void]>([
    ['no MCP-Protocol-Version', -32020, ({ headers }) => delete headers['mcp-protocol-version']],
    ['no Mcp-Method', -32020, ({ headers }) => delete headers['mcp-method']],
    ['another Mcp-Method', -32020, ({ headers }) => (headers['mcp-method'] = 'tools/list')],
    ['no Mcp-Name', -32020, ({ headers }) => delete headers['mcp-name']],
    ['another Mcp-Name', -32020, ({ headers }) => (headers['mcp-name'] = 'get_pool_status')],
    ['a broken base64 Mcp-Name', -32020, ({ headers }) => (headers['mcp-name'] = '=?base64?***?=')],
    ['another version in the header', -32020, ({ headers }) => (headers['mcp-protocol-version'] = '2025-11-25')],
    ['no envelope', -32602, ({ body }) => delete (body.params as { _meta?: unknown })._meta],
    [
      'no client capabilities in the envelope',
      -32602,
      ({ body }) => delete (body.params._meta as Record<string, unknown>)['io.modelcontextprotocol/clientCapabilities'],
    ],
    [
      'a version from the future',
      -32022,
      ({ headers, body }) => {
        headers['mcp-protocol-version'] = '2027-01-01';
        body.params._meta['io.modelcontextprotocol/protocolVersion'] = '2027-01-01';
      },
    ],
  ])('%s is 400 %d', async (_, code, change) => {
    const answer = await call(change);
    expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([400, code, 7]);
  });

  it('Mcp-Name may be base64', async () => {
    const encoded = `=?base64?${Buffer.from('get_positions').toString('base64')}?=`;
    expect((await call(({ headers }) => (headers['mcp-name'] = encoded))).status).toBe(200);
  });

  it('lists and discovery say how long and for whom they may be kept', async () => {
    const list = modernRequest('tools/list');
    const discover = modernRequest('server/discover');
    expect((await post(list.body, mcpHeaders(token, list.headers))).body.result).toMatchObject({
      cacheScope: 'private',
      ttlMs: 300_000,
    });
    expect((await post(discover.body, mcpHeaders(token, discover.headers))).body.result).toMatchObject({
      cacheScope: 'public',
      supportedVersions: ['2026-07-28'],
    });
  });
});

describe('legacy sessions', () => {
  const initialize = (protocolVersion: string) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion, capabilities: {}, clientInfo: { name: 'c', version: '1' } },
  });

  it.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2024-11-05', '2025-11-25'],
    ['1999-01-01', '2025-11-25'],
  ])('asked for %s it offers %s', async (asked, offered) => {
    const answer = await post(initialize(asked));
    expect(answer.body.result).toMatchObject({ protocolVersion: offered, serverInfo: { name: 'tradecafe' } });
    expect(answer.headers.get('mcp-session-id')).toMatch(/^[\x21-\x7e]+$/);
  });

  it('a session opens for its credential alone; forged and foreign ones are 404', async () => {
    const session = (await post(initialize('2025-11-25'))).headers.get('mcp-session-id')!;
    const other = (await mintToken(app, { user: 'demo2' })).token;
    expect((await post(LIST, mcpHeaders(token, { 'mcp-session-id': session }))).status).toBe(200);
    expect((await post(LIST, mcpHeaders(other, { 'mcp-session-id': session }))).status).toBe(404);
    expect((await post(LIST, mcpHeaders(token, { 'mcp-session-id': `${session}x` }))).status).toBe(404);
  });

  it('a protocol version nobody speaks is 400', async () => {
    expect((await post(LIST, mcpHeaders(token, { 'mcp-protocol-version': '2020-01-01' }))).status).toBe(400);
  });
});
