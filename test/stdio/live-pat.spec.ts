import { createServer, request as httpRequest, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { type CallResult, errorOf, legacyClient } from '../support/mcp.js';
import { until } from '../support/until.js';
import {
  type Answer,
  legacyStdio,
  Machine,
  STDIO_ERAS,
  type StdioClient,
  type StdioOptions,
} from './support/stdio-process.js';

const SIGNAL = 'sig_2026060402';

let machine: Machine;
let environment: Environment;
let app: TestApp;
const clients: StdioClient[] = [];
const servers: Server[] = [];
beforeAll(async () => {
  machine = await Machine.create();
  environment = await createEnvironment();
  app = await startApp(environment);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  environment.sandbox.control.reset();
}, 120_000);
afterAll(async () => {
  await app?.close();
  await environment?.drop();
  await machine?.remove();
});

interface Activity {
  readonly events: readonly { code: string | null; client_name: string | null; credential_name: string | null }[];
}

type Connect = (options: StdioOptions) => Promise<StdioClient>;

async function open(
  connect: Connect,
  token: string,
  extra: Record<string, string> = {},
  answer?: () => Answer,
): Promise<StdioClient> {
  const live = { TRADECAFE_API_BASE_URL: app.url, TRADECAFE_PAT: token, ...extra };
  const client = await connect({ environment: { ...machine.environment, ...live }, answer });
  clients.push(client);
  return client;
}

const tokenOf = (result: CallResult): string => String(result.structuredContent?.['action_token']);
const codeOf = (result: CallResult): unknown => errorOf(result)['code'];
const textOf = (result: CallResult): string => result.content[0]?.text ?? '';

/** A server that is none of ours, on a port of its own. */
async function startServer(answer: (server: Server) => void): Promise<string> {
  const server = createServer();
  answer(server);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(STDIO_ERAS)('a backend elsewhere and a token, %s', (_, connect) => {
  it('passes on what the backend offers to that token, and nothing of its own', async () => {
    const { token } = await mintToken(app, { scopes: ['read:account', 'read:positions'] });
    const client = await open(connect, token);
    const http = await legacyClient(app.url, token);
    expect(await client.listTools()).toEqual(await http.listTools());
    expect((await client.listTools()).length).toBeLessThan(10);
    const answer = await client.call('get_account_summary');
    expect(answer.structuredContent).toEqual((await http.call('get_account_summary')).structuredContent);
    expect(codeOf(await client.call('get_pool_status'))).toBe('insufficient_scope');
    await expect(client.call('no_such_tool')).rejects.toMatchObject({ code: -32602 });
    await http.close();
  }, 120_000);

  it('carries a write through: preview, question to the person, commit', async () => {
    const { token } = await mintToken(app, { write_policy: 'human_required' });
    const client = await open(connect, token, {}, () => ({ action: 'accept', content: { confirm: true } }));
    const preview = await client.call('approve_pending_trade', { signal_id: SIGNAL });
    const args = { signal_id: SIGNAL, dry_run: false, action_token: tokenOf(preview) };
    const committed = await client.call('approve_pending_trade', args);
    expect(committed.structuredContent).toMatchObject({ dry_run: false, committed: { signal_id: SIGNAL } });
    expect(client.asked).toHaveLength(1);
    expect(environment.sandbox.control.journal()).toHaveLength(1);
  }, 120_000);

  it('cuts the exchange of a call that is cancelled, and goes on', async () => {
    const { token } = await mintToken(app);
    const client = await open(connect, token);
    const { control } = environment.sandbox;
    control.reset();
    control.fault({ kind: 'hang' });
    const given = new AbortController();
    const waiting = client.callUntil(given.signal, 'get_account_summary');
    await until(
      () => control.requests.snapshot().counts.reads,
      (count) => count > 0,
    );
    given.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    const session = await sessionFetch(app);
    const outcome = await until(
      async () => {
        const { events } = (await (
          await session('GET', '/v1/activity?tool=get_account_summary&limit=1')
        ).json()) as Activity;
        return events[0]?.code;
      },
      (code) => code === 'cancelled',
    );
    expect(outcome).toBe('cancelled');
    control.reset();
    expect(await client.call('get_account_summary')).not.toMatchObject({ isError: true });
  }, 120_000);

  it('says in the tool what is wrong with the token', async () => {
    const { token, id } = await mintToken(app);
    const client = await open(connect, token);
    await client.call('get_account_summary');
    expect((await (await sessionFetch(app))('DELETE', `/v1/tokens/${id}`)).status).toBe(204);
    const refused = await client.call('get_account_summary');
    expect([refused.isError, codeOf(refused)]).toEqual([true, 'token_revoked']);
    expect(textOf(refused)).toContain('/settings/tokens');
    // A host that starts again now still shows the tools, and hears the same.
    const next = await open(connect, token);
    expect(await next.listTools()).toHaveLength(10);
    expect(codeOf(await next.call('get_account_summary'))).toBe('token_revoked');
  }, 120_000);

  it('lives through a backend that goes away, comes back, and is another instance then', async () => {
    const { token } = await mintToken(app);
    let second = await startApp(environment);
    const { port } = second.config;
    const client = await open(connect, token, { TRADECAFE_API_BASE_URL: second.url });
    expect(await client.call('get_account_summary')).not.toMatchObject({ isError: true });
    await second.close();
    const away = await client.call('get_account_summary');
    expect([away.isError, codeOf(away)]).toEqual([true, 'backend_unreachable']);
    expect(textOf(away)).toContain('ECONNREFUSED');

    // Started while the backend is away: the tools are shown, a call says why it cannot be.
    const early = await open(connect, token, { TRADECAFE_API_BASE_URL: `http://127.0.0.1:${port}` });
    expect(await early.listTools()).toHaveLength(10);
    expect(codeOf(await early.call('get_account_summary'))).toBe('backend_unreachable');

    second = await startApp(environment, { PORT: String(port) });
    for (const each of [client, early]) {
      expect(await each.call('get_account_summary')).not.toMatchObject({ isError: true });
    }
    await second.close();
  }, 120_000);

  it('gives up on a backend that does not begin to answer', async () => {
    const silent = await startServer(() => undefined);
    const extra = { TRADECAFE_API_BASE_URL: silent, TRADECAFE_REQUEST_TIMEOUT_MS: '300' };
    const client = await open(connect, 'tc_pat_whatever', extra);
    const answer = await client.call('get_account_summary');
    expect([answer.isError, codeOf(answer)]).toEqual([true, 'backend_timeout']);
    expect(textOf(answer)).toContain('never trades twice');
  }, 120_000);

  it.each([
    ['a page', 200, 'text/html', '<p>hello'],
    ['an error page', 502, 'text/html', '<p>bad gateway'],
    ['JSON of somebody else', 200, 'application/json', '{"hello":"world"}'],
    ['half an answer', 200, 'application/json', '{"jsonrpc":"2.0","id"'],
  ])(
    'says so when something answers that is no backend: %s',
    async (_name, status, type, body) => {
      const url = await startServer((server) =>
        server.on('request', (_request, response) => response.writeHead(status, { 'content-type': type }).end(body)),
      );
      const client = await open(connect, 'tc_pat_whatever', { TRADECAFE_API_BASE_URL: url });
      const answer = await client.call('get_account_summary');
      expect([answer.isError, codeOf(answer)]).toEqual([true, 'backend_unreachable']);
      expect(textOf(answer)).toContain('TRADECAFE_API_BASE_URL');
    },
    120_000,
  );
});

it('a session that has ended is opened again without a word, and the client stays who it was', async () => {
  // What a day's age, or another secret, does to a session: the backend cannot read it. A new handshake mends it.
  let hasEnded = false;
  let refused = 0;
  const url = await startServer((server) =>
    server.on('request', (request, response) => {
      const headers = { ...request.headers } as Record<string, string>;
      if (request.method === 'POST' && headers['mcp-session-id'] === undefined) hasEnded = false;
      if (hasEnded) headers['mcp-session-id'] = `ended-${(refused += 1)}`;
      const { method } = request;
      const onward = httpRequest(`${app.url}${request.url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    }),
  );
  const { token } = await mintToken(app, { name: 'long session' });
  const client = await open(legacyStdio, token, { TRADECAFE_API_BASE_URL: url });
  await client.call('get_account_summary');
  hasEnded = true;
  const calls = await Promise.all([client.call('get_pool_status'), client.call('get_pool_status')]);
  for (const answer of calls) expect(answer).not.toMatchObject({ isError: true });
  expect(refused).toBeGreaterThan(0);
  const session = await sessionFetch(app);
  // Reads are recorded a moment after they are answered.
  const recorded = async (): Promise<Activity['events']> => {
    const { events } = (await (await session('GET', '/v1/activity?limit=10')).json()) as Activity;
    return events.filter(({ credential_name }) => credential_name === 'long session');
  };
  const events = await until(recorded, ({ length }) => length === 3, 20_000);
  expect(events.map(({ client_name }) => client_name)).toEqual(Array(3).fill('test-host 1.2.3'));
}, 120_000);
