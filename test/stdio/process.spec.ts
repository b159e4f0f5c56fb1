import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { modernRequest } from '../support/mcp.js';
import { until } from '../support/until.js';
import { Machine, StdioProcess } from './support/stdio-process.js';

const NOISY = fileURLToPath(new URL('support/noisy.mjs', import.meta.url));
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};
const CALL = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'get_account_summary', arguments: {} } };

let machine: Machine;
let environment: Environment;
let app: TestApp;
const processes: StdioProcess[] = [];
beforeAll(async () => {
  machine = await Machine.create();
  environment = await createEnvironment();
  app = await startApp(environment);
});
afterEach(async () => {
  for (const running of processes.splice(0)) await running.end();
}, 120_000);
afterAll(async () => {
  await app?.close();
  await environment?.drop();
  await machine?.remove();
});

function start(extra: Record<string, string> = {}, nodeArguments: string[] = []): StdioProcess {
  const running = new StdioProcess({ environment: { ...machine.environment, ...extra }, nodeArguments });
  processes.push(running);
  return running;
}

/** The answers so far, by id; throws on a line that is no JSON-RPC message. */
function answers(running: StdioProcess): Map<unknown, Record<string, unknown>> {
  const messages = running.lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const message of messages) expect(message).toMatchObject({ jsonrpc: '2.0' });
  return new Map(messages.map((message) => [message['id'], message]));
}

const answered = (running: StdioProcess, id: unknown) =>
  until(
    () => answers(running).get(id),
    (message) => message !== undefined,
    120_000,
  );

describe('a configuration that cannot work ends the start, and says what to mend', () => {
  it.each([
    ['TRADECAFE_MODE', { TRADECAFE_MODE: 'paper' }],
    ['TRADECAFE_PAT', { TRADECAFE_PAT: 'tc_pat_\u2026' }],
    [
      'TRADECAFE_REQUEST_TIMEOUT_MS',
      { TRADECAFE_API_BASE_URL: 'http://127.0.0.1:1', TRADECAFE_REQUEST_TIMEOUT_MS: '0' },
    ],
  ])(
    '%s',
    async (name, variables) => {
      const running = start(variables);
      expect(await running.ended()).toEqual({ code: 1, signal: null });
      expect(running.errors()).toMatch(
        new RegExp(`^The configuration is not usable:\\n  - ${name} is not usable: .+\\.\\n$`),
      );
      expect(running.lines()).toEqual([]);
    },
    120_000,
  );
});

describe('standard output is the protocol', () => {
  it('carries nothing else, whatever a library prints, with every log line on', async () => {
    const { token } = await mintToken(app);
    const variables = { TRADECAFE_API_BASE_URL: app.url, TRADECAFE_PAT: token, LOG_LEVEL: 'trace' };
    const running = start(variables, ['--import', NOISY]);
    running.send(INITIALIZE);
    expect(await answered(running, 1)).toMatchObject({ result: { protocolVersion: '2025-06-18' } });
    running.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, CALL);
    expect(await answered(running, 2)).toMatchObject({ result: { structuredContent: { user_id: 'usr_demo_8f3a91' } } });
    await running.end();
    expect(answers(running).size).toBe(2);
    expect(running.errors()).toContain('noise of a fetch');
    expect(running.errors()).not.toContain(token);
  }, 240_000);

  it('mock mode logs on standard error too', async () => {
    const running = start({ LOG_LEVEL: 'trace' });
    running.send(INITIALIZE, CALL);
    expect(await answered(running, 2)).toMatchObject({ result: { structuredContent: { user_id: 'usr_demo_8f3a91' } } });
    await running.end();
    expect(answers(running).size).toBe(2);
    expect(running.errors()).toContain('"route":"/mcp"');
    expect(running.errors()).not.toMatch(/tc_pat_[0-9A-Za-z]/);
  }, 240_000);

  it('outlives what is no message, and answers what comes after it', async () => {
    const running = start({ TRADECAFE_API_BASE_URL: app.url });
    running.child.stdin.write('hello\n[1,2]\n{"jsonrpc":"1.0"}\n\n{"jsonrpc":"2.0","id":{},"method":"x"}\n');
    running.send({ jsonrpc: '2.0', id: 9, method: 'ping' }, INITIALIZE);
    expect(await answered(running, 1)).toMatchObject({ result: { serverInfo: { name: 'tradecafe' } } });
    expect(await answered(running, 9)).toMatchObject({ result: {} });
    // No consent and no backend was needed for any of that.
    expect(await machine.opened()).toEqual([]);
  }, 120_000);
});

describe('it ends', () => {
  it('when its input is closed: at once, also in the middle of a call', async () => {
    const { token } = await mintToken(app);
    const running = start({ TRADECAFE_API_BASE_URL: app.url, TRADECAFE_PAT: token });
    running.send(INITIALIZE);
    await answered(running, 1);
    environment.sandbox.control.reset();
    environment.sandbox.control.fault({ kind: 'hang' });
    running.send(CALL);
    const { control } = environment.sandbox;
    await until(
      () => control.requests.snapshot().counts.reads,
      (count) => count > 0,
    );
    expect(await running.end()).toEqual({ code: 0, signal: null });
    expect(answers(running).size).toBe(1);
    control.reset();
  }, 120_000);

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'with its database on %s, also while it is still starting',
    async (signal) => {
      const running = start();
      running.send(INITIALIZE);
      await answered(running, 1);
      // Before that there is nothing to take along.
      await until(
        () => machine.leftovers(),
        ({ length }) => length > 0,
        60_000,
      );
      running.child.kill(signal);
      expect(await running.ended()).toEqual({ code: 0, signal: null });
      expect(await machine.leftovers()).toEqual([]);
      expect(await machine.postgres()).toEqual([]);
    },
    240_000,
  );

  it('when nobody reads its output any more: quietly, with its database, though its input stays open', async () => {
    const running = start();
    running.send(INITIALIZE, CALL);
    await answered(running, 2);
    expect(await machine.postgres()).not.toEqual([]);
    running.child.stdout.destroy();
    running.send({ ...CALL, id: 3 });
    expect(await running.ended()).toEqual({ code: 0, signal: null });
    expect(running.errors()).toBe('');
    expect(await machine.leftovers()).toEqual([]);
    expect(await machine.postgres()).toEqual([]);
  }, 240_000);

  it('when nobody reads its output from the beginning, before anything has started', async () => {
    const running = start();
    running.child.stdout.destroy();
    running.send(INITIALIZE, { ...INITIALIZE, id: 3 });
    expect(await running.ended()).toEqual({ code: 0, signal: null });
    expect(running.errors()).toBe('');
    expect(await machine.leftovers()).toEqual([]);
    expect(await machine.postgres()).toEqual([]);
  }, 240_000);

  it('when its client was killed: all pipes are broken, its log has nowhere to go, and nothing is left', async () => {
    const running = start({ LOG_LEVEL: 'trace' });
    running.send(INITIALIZE, CALL);
    await answered(running, 2);
    for (const pipe of [running.child.stderr, running.child.stdout]) pipe.destroy();
    running.child.stdin.write('no message\n');
    running.send({ ...CALL, id: 3 });
    expect(await running.end()).toEqual({ code: 0, signal: null });
    expect(await machine.leftovers()).toEqual([]);
    expect(await machine.postgres()).toEqual([]);
  }, 240_000);
});

it('a client that only looks starts nothing', async () => {
  const running = start();
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  running.send({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: meta } });
  expect(await answered(running, 1)).toMatchObject({ result: { supportedVersions: ['2026-07-28'] } });
  expect(await running.end()).toEqual({ code: 0, signal: null });
  expect(await machine.leftovers()).toEqual([]);
}, 120_000);

it('the opening answered here is the one that the backend gives', async () => {
  // Nobody signed in, so that it answers itself.
  const here = start({ TRADECAFE_API_BASE_URL: app.url });
  const { token } = await mintToken(app);
  const there = start({ TRADECAFE_API_BASE_URL: app.url, TRADECAFE_PAT: token });
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const discover = { jsonrpc: '2.0', id: 2, method: 'server/discover', params: { _meta: meta } };
  const lists = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'].map((method, index) => ({
    jsonrpc: '2.0',
    id: 10 + index,
    method,
    params: { _meta: meta },
  }));
  for (const message of [INITIALIZE, discover, ...lists]) {
    for (const running of [here, there]) running.send(message);
    const [local, remote] = await Promise.all([here, there].map((running) => answered(running, message.id)));
    const { ttlMs: _a, cacheScope: _b, ...one } = local!['result'] as Record<string, unknown>;
    const { ttlMs: _c, cacheScope: _d, ...other } = remote!['result'] as Record<string, unknown>;
    // When this fails the surface has grown: src/mcp/stdio/local-answer.ts declares what it offers.
    expect(one).toEqual(other);
  }
}, 120_000);

describe('a subscription on the pipe', () => {
  const URIS = ['tradecafe://positions/open'];

  async function subscribed(token: string): Promise<StdioProcess> {
    const running = start({ TRADECAFE_API_BASE_URL: app.url, TRADECAFE_PAT: token });
    const { body } = modernRequest('subscriptions/listen', { notifications: { resourceSubscriptions: URIS } });
    running.send({ ...body, id: 'sub' });
    const [line] = await until(
      () => running.lines(),
      (lines) => lines.length > 0,
      60_000,
    );
    expect(JSON.parse(line!)).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' } },
    });
    return running;
  }
  const rest = (running: StdioProcess): unknown[] =>
    running
      .lines()
      .slice(1)
      .map((line) => JSON.parse(line) as unknown);

  it('that the backend ends is ended by its result, then by a word of its own', async () => {
    const { token, id } = await mintToken(app);
    const running = await subscribed(token);
    expect((await (await sessionFetch(app))('DELETE', `/v1/tokens/${id}`)).status).toBe(204);
    const messages = await until(
      () => rest(running),
      ({ length }) => length >= 2,
      60_000,
    );
    expect(messages).toEqual([
      expect.objectContaining({ id: 'sub', result: expect.objectContaining({ resultType: 'complete' }) as unknown }),
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'sub' } },
    ]);
  }, 120_000);

  it('that the client ends is heard of no more', async () => {
    const { token } = await mintToken(app);
    const running = await subscribed(token);
    running.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'sub' } });
    const { body } = modernRequest('tools/call', { name: 'get_account_summary', arguments: {} });
    running.send({ ...body, id: 2 });
    await answered(running, 2);
    expect(await running.end()).toEqual({ code: 0, signal: null });
    expect(rest(running)).toEqual([expect.objectContaining({ id: 2 })]);
  }, 120_000);
});
