import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { type CallResult, errorOf, mcpHeaders, modernRequest } from '../support/mcp.js';

const SIGNAL = 'sig_2026060402';
const INFO = { name: 'test-client', version: '1' };
type Answer = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, boolean> };

let environment: Environment;
let app: TestApp;
let second: TestApp;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  second = await startApp(environment);
});
afterEach(() => environment.sandbox.control.reset());
afterAll(async () => {
  await app?.close();
  await second?.close();
  await environment?.drop();
});

interface Connected {
  call(args: Record<string, unknown>): Promise<CallResult>;
  readonly asked: string[];
  close(): Promise<void>;
}

/** Sends what a client answers to the second instance, and everything else to the first: no sticky routing. */
const split: typeof fetch = (input, init) => {
  const isReply = typeof init?.body === 'string' && !init.body.includes('"method"');
  return fetch(isReply ? `${second.url}/mcp` : input, init);
};

async function legacy(token: string, answer?: Answer): Promise<Connected> {
  const asked: string[] = [];
  const client = new LegacyClient(INFO, { capabilities: answer === undefined ? {} : { elicitation: {} } });
  if (answer !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.message);
      return answer;
    });
  }
  const transport = new LegacyTransport(new URL(`${app.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
    fetch: split,
  });
  await client.connect(transport);
  const call = async (args: Record<string, unknown>) =>
    (await client.callTool({ name: 'approve_pending_trade', arguments: args })) as CallResult;
  return { call, asked, close: () => client.close() };
}

async function modern(token: string, answer?: Answer): Promise<Connected> {
  const asked: string[] = [];
  const client = new ModernClient(INFO, {
    capabilities: answer === undefined ? {} : { elicitation: { form: {} } },
    versionNegotiation: { mode: { pin: '2026-07-28' } },
  });
  if (answer !== undefined) {
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return answer;
    });
  }
  const transport = new ModernTransport(new URL(`${app.url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  const call = async (args: Record<string, unknown>) =>
    (await client.callTool({ name: 'approve_pending_trade', arguments: args })) as CallResult;
  return { call, asked, close: () => client.close() };
}

const guarded = async (): Promise<string> => (await mintToken(app, { write_policy: 'human_required' })).token;
const YES: Answer = { action: 'accept', content: { confirm: true } };

async function commit(client: Connected): Promise<CallResult> {
  const dryRun = await client.call({ signal_id: SIGNAL });
  expect(client.asked).toEqual([]);
  return client.call({ signal_id: SIGNAL, dry_run: false, action_token: dryRun.structuredContent?.['action_token'] });
}

describe.each([
  ['SDK v1, the reply lands on another instance', legacy],
  ['SDK v2, input_required', modern],
])('a token whose writes a person has to confirm, %s', (_, connect) => {
  it('asks with the trade in words, and commits on a yes', async () => {
    const client = await connect(await guarded(), YES);
    const result = await commit(client);
    expect(result.structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
    expect(client.asked).toEqual([expect.stringMatching(/ETH-USDT.*100 USDT.*real money/)]);
    expect(environment.sandbox.control.journal()).toHaveLength(1);
    await client.close();
  });

  it.each<[string, Answer]>([
    ['declined', { action: 'decline' }],
    ['cancelled', { action: 'cancel' }],
    ['accepted with the box left empty', { action: 'accept', content: { confirm: false } }],
  ])('%s: nothing is sent, and the token is not burned', async (_name, answer) => {
    const token = await guarded();
    const client = await connect(token, answer);
    const dryRun = await client.call({ signal_id: SIGNAL });
    const args = { signal_id: SIGNAL, dry_run: false, action_token: dryRun.structuredContent?.['action_token'] };
    expect(errorOf(await client.call(args))).toMatchObject({ code: 'confirmation_declined' });
    expect(environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
    const willing = await connect(token, YES);
    expect((await willing.call(args)).structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
    await Promise.all([client.close(), willing.close()]);
  });
});

describe('a client that cannot ask', () => {
  it('SDK v1: a tool error, and nothing is sent', async () => {
    const client = await legacy(await guarded());
    expect(errorOf(await commit(client))).toMatchObject({ code: 'confirmation_required' });
    expect(environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
    await client.close();
  });

  it('2026-07-28: -32021 with HTTP 400', async () => {
    const token = await guarded();
    const post = async (args: Record<string, unknown>) => {
      const { headers, body } = modernRequest('tools/call', { name: 'approve_pending_trade', arguments: args });
      const response = await fetch(`${app.url}/mcp`, {
        method: 'POST',
        headers: mcpHeaders(token, headers),
        body: JSON.stringify(body),
      });
      return {
        status: response.status,
        body: (await response.json()) as { result?: CallResult; error?: { code: number; data: unknown } },
      };
    };
    const dryRun = await post({ signal_id: SIGNAL });
    const answer = await post({
      signal_id: SIGNAL,
      dry_run: false,
      action_token: dryRun.body.result?.structuredContent?.['action_token'],
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } } },
    });
    expect(environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
  });
});

describe('the state of an open question', () => {
  it('bent, for another call, or of another credential, is refused; without it the question comes again', async () => {
    const mine = await guarded();
    const other = await guarded();
    const post = async (token: string, params: Record<string, unknown>) => {
      const { headers, body } = modernRequest('tools/call', { name: 'approve_pending_trade', ...params });
      const meta = body.params._meta as Record<string, unknown>;
      meta['io.modelcontextprotocol/clientCapabilities'] = { elicitation: { form: {} } };
      const response = await fetch(`${app.url}/mcp`, {
        method: 'POST',
        headers: mcpHeaders(token, headers),
        body: JSON.stringify(body),
      });
      type Result = CallResult & { resultType: string; requestState?: string };
      return (await response.json()) as { result: Result; error?: { code: number } };
    };
    const { result: previewed } = await post(mine, { arguments: { signal_id: SIGNAL } });
    const args = { signal_id: SIGNAL, dry_run: false, action_token: previewed.structuredContent?.['action_token'] };
    const { result: asked } = await post(mine, { arguments: args });
    expect(asked.resultType).toBe('input_required');
    const state = asked.requestState!;
    const inputResponses = { confirm: YES };
    const bent = state.slice(0, -2) + (state.endsWith('AA') ? 'BB' : 'AA');
    const refused = { error: { code: -32602 } };
    for (const requestState of [bent, `${state}-more`, ` ${state}`, 'nonsense', '']) {
      expect(await post(mine, { arguments: args, inputResponses, requestState })).toMatchObject(refused);
    }
    const elsewhere = { ...args, signal_id: 'sig_2026060401' };
    expect(await post(mine, { arguments: elsewhere, inputResponses, requestState: state })).toMatchObject(refused);
    expect(await post(other, { arguments: args, inputResponses, requestState: state })).toMatchObject(refused);
    expect((await post(mine, { arguments: args, inputResponses })).result.resultType).toBe('input_required');
    expect(environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
    const { result: done } = await post(mine, { arguments: args, inputResponses, requestState: state });
    expect(done.structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
  });
});

describe('replies', () => {
  it('to nobody, or too large for one, are harmless', async () => {
    const { token } = await mintToken(app);
    const post = async (body: unknown) =>
      (await fetch(`${app.url}/mcp`, { method: 'POST', headers: mcpHeaders(token), body: JSON.stringify(body) }))
        .status;
    const id = `ask-${'n'.repeat(22)}`;
    expect(await post({ jsonrpc: '2.0', id, result: { action: 'accept' } })).toBe(202);
    expect(await post({ jsonrpc: '2.0', id, result: { pad: 'x'.repeat(20_000) } })).toBe(400);
    expect(await post({ jsonrpc: '2.0', id: 'zz1', result: {} })).toBe(400);
    expect(await post({ jsonrpc: '2.0', id: 5, result: {} })).toBe(400);
  });
});
