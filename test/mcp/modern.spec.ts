import { afterEach, describe, expect, it } from '@jest/globals';
import { InputRequired, type RequestIo } from '../../src/mcp/surface/request-io.js';
import type { McpSurface, Result } from '../../src/mcp/surface/surface.js';
import { type FixtureApp, startFixtureApp } from '../conformance/fixture/fixture.app.js';
import { fixtureSurface } from '../conformance/fixture/fixture.surface.js';
import { form } from '../conformance/fixture/requests.js';
import { mcpHeaders, modernRequest } from '../support/mcp.js';
import { until } from '../support/until.js';
import { type Message, openStream } from './sse.js';

type Run = (io: RequestIo) => Promise<Result | InputRequired> | Result | InputRequired;

let app: FixtureApp;
afterEach(() => app.close());

const DONE = { content: [{ type: 'text', text: 'done' }] };

/** The fixture with one tool of the test's. */
async function start(run: Run, more: Partial<McpSurface> = {}): Promise<void> {
  const surface = fixtureSurface();
  const tools = {
    ...surface.tools,
    call: (_: unknown, __: unknown, io: RequestIo) => Promise.resolve().then(() => run(io)),
  };
  app = await startFixtureApp({ ...surface, tools, ...more });
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly messages: Message[];
  readonly last: Message;
}

async function ask(
  method: string,
  params: Record<string, unknown> = {},
  { meta = {}, headers = {}, id = 7 }: { meta?: object; headers?: Record<string, string>; id?: string | number } = {},
): Promise<Answer> {
  const request = modernRequest(method, params);
  if (typeof params['uri'] === 'string') request.headers['mcp-name'] = params['uri'];
  Object.assign(request.body.params._meta, meta);
  const stream = await openStream(app.url, { ...request.headers, ...headers }, { ...request.body, id });
  const messages: Message[] = [];
  for (let next = await stream.next(); next !== undefined; next = await stream.next()) messages.push(next);
  return { status: stream.status, headers: stream.headers, messages, last: messages.at(-1)! };
}

const call = (options?: Parameters<typeof ask>[2], params: object = {}): Promise<Answer> =>
  ask('tools/call', { name: 'any', ...params }, options);

describe('what precedes a result', () => {
  it('is progress for the token that the request brought, in order, and ends with the result', async () => {
    let kept: RequestIo | undefined;
    await start((io) => {
      kept = io;
      io.progress(1, 3, 'one');
      io.progress(2);
      return DONE;
    });
    for (const progressToken of ['tok', 0]) {
      const { headers, messages, last } = await call({ meta: { progressToken } });
      expect(messages.slice(0, -1).map(({ method, params }) => [method, params])).toEqual([
        ['notifications/progress', { progressToken, progress: 1, total: 3, message: 'one' }],
        ['notifications/progress', { progressToken, progress: 2 }],
      ]);
      expect(headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
      expect(last).toMatchObject({ id: 7, result: { resultType: 'complete' } });
    }
    // After the end there is nobody to tell.
    kept?.progress(3);
  });

  it('is nothing without a token: the answer is plain JSON', async () => {
    await start((io) => {
      io.progress(1);
      return DONE;
    });
    const { headers, messages } = await call();
    expect([headers['content-type'], messages.length]).toEqual([expect.stringMatching(/^application.json/), 1]);
  });

  it('is a log message only from the level on that the request names', async () => {
    await start((io) => {
      for (const level of ['debug', 'info', 'error'] as const) io.log(level, { at: level }, 'here');
      return DONE;
    });
    const logged = async (level?: string): Promise<unknown[]> => {
      const meta = level === undefined ? {} : { 'io.modelcontextprotocol/logLevel': level };
      return (await call({ meta })).messages.slice(0, -1).map(({ params }) => params?.['level']);
    };
    expect([await logged(), await logged('debug'), await logged('info'), await logged('emergency')]).toEqual([
      [],
      ['debug', 'info', 'error'],
      ['info', 'error'],
      [],
    ]);
  });

  it('a log level that is none is 400 -32602', async () => {
    await start(() => DONE);
    const { status, last } = await call({ meta: { 'io.modelcontextprotocol/logLevel': 'loud' } });
    expect([status, last.error?.code]).toEqual([400, -32602]);
  });
});

describe('a client that closes the stream', () => {
  it('cancels its call, and is told nothing more', async () => {
    let signal: AbortSignal | undefined;
    await start(async (io) => {
      signal = io.signal;
      io.progress(1);
      await new Promise((resolve) => io.signal.addEventListener('abort', resolve));
      io.progress(2);
      return DONE;
    });
    const { headers, body } = modernRequest('tools/call', { name: 'any' });
    Object.assign(body.params._meta, { progressToken: 1 });
    const stream = await openStream(app.url, headers, body);
    expect(await stream.next()).toMatchObject({ method: 'notifications/progress' });
    expect(signal?.aborted).toBe(false);
    stream.close();
    expect(
      await until(
        () => signal?.aborted,
        (aborted) => aborted === true,
      ),
    ).toBe(true);
  });
});

describe('a result', () => {
  it('has the id of its request, its kind, and who answers', async () => {
    await start(() => DONE);
    for (const id of ['a', 0, 42]) {
      const { last } = await call({ id });
      const serverInfo = { name: 'conformance-fixture', version: '1.0.0' };
      expect(last).toMatchObject({
        jsonrpc: '2.0',
        id,
        result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } },
      });
    }
  });

  it('travels as UTF-8', async () => {
    const text = 'Größe, 日本, 💹';
    await start(() => ({ content: [{ type: 'text', text }] }));
    expect((await call()).last.result).toMatchObject({ content: [{ text }] });
  });

  it('opens no session, and takes no notice of one', async () => {
    await start(() => DONE);
    const { status, headers } = await call({ headers: { 'mcp-session-id': 'nonsense', 'last-event-id': '5' } });
    expect([status, headers['mcp-session-id']]).toEqual([200, undefined]);
  });

  it('is the same in another order of requests: nothing is remembered', async () => {
    await start(({ abilities }) => ({ content: [{ type: 'text', text: [...abilities].join() }] }));
    const able = { meta: { 'io.modelcontextprotocol/clientCapabilities': { sampling: {}, elicitation: { url: {} } } } };
    const texts = await Promise.all([call(), call(able), call()]);
    expect(texts.map(({ last }) => (last.result as unknown as typeof DONE).content[0]!.text)).toEqual([
      '',
      'url,sampling',
      '',
    ]);
  });
});

describe('what goes wrong', () => {
  it('inside is -32603 and tells nothing of the inside', async () => {
    await start(() => {
      throw new Error('password=hunter2');
    });
    const { last } = await call();
    expect(last.error).toEqual({ code: -32603, message: 'Internal error' });
  });

  it.each(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])(
    'an unknown cursor for %s is 400 -32602',
    async (method) => {
      await start(() => DONE);
      for (const cursor of ['', 'page-2', 7]) {
        const { status, last } = await ask(method, { cursor });
        expect([status, last.error?.code]).toEqual([400, -32602]);
      }
    },
  );

  it.each<[string, Record<string, unknown>]>([
    ['tools/call', { name: 'any', arguments: [] }],
    ['prompts/get', { name: 'test_simple_prompt', arguments: { a: 1 } }],
    ['prompts/get', { name: 'nobody_knows' }],
    ['prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'x' } }],
    ['completion/complete', {}],
    ['completion/complete', { ref: { type: 'ref/prompt' }, argument: { name: 'a', value: 'b' } }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: 1 } }],
    [
      'completion/complete',
      { ref: { type: 'ref/resource', uri: 'u' }, argument: { name: 'a', value: 'b' }, context: [] },
    ],
  ])('%s with bad parameters (row %#) is -32602 in one sentence', async (method, params) => {
    await start(() => DONE);
    const { last } = await ask(method, params);
    expect(last).toMatchObject({ id: 7, error: { code: -32602, message: expect.stringMatching(/^[^{[]{10,140}$/) } });
  });

  it('a resource that is not there is -32602 with its URI', async () => {
    await start(() => DONE);
    const { last } = await ask('resources/read', { uri: 'test://none' });
    expect(last.error).toMatchObject({ code: -32602, data: { uri: 'test://none' } });
  });

  it.each(['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'ping', 'initialize'])(
    '%s, which this revision dropped, is 404 -32601',
    async (method) => {
      await start(() => DONE);
      const { status, last } = await ask(method, { uri: 7 });
      expect([status, last.error?.code]).toEqual([404, -32601]);
    },
  );
});

describe('Mcp-Name', () => {
  it.each([
    ['=?base64?YW55?=', 200],
    ['  any  ', 200],
    ['=?base64?YW55=?=', 400],
    ['=?base64?YW5\u00a15?=', 400],
    ['=?BASE64?YW55?=', 400],
    ['YW55', 400],
    ['=?base64?YW55', 400],
  ])('%s for the tool `any` is %d', async (name, status) => {
    await start(() => DONE);
    expect((await call({ headers: { 'mcp-name': name } })).status).toBe(status);
  });

  it('that only begins like base64 stands for itself', async () => {
    await start(() => DONE);
    const name = '=?base64?YW55';
    expect((await call({ headers: { 'mcp-name': name } }, { name })).status).toBe(200);
  });
});

describe('what a call needs of its client', () => {
  const NAME = form('Your name?', 'name');

  it('is asked for only of clients that declared it: 400 -32021 names what is missing', async () => {
    await start(() => new InputRequired({ name: NAME }));
    const { status, last } = await call();
    expect([status, last.error]).toMatchObject([
      400,
      { code: -32021, data: { requiredCapabilities: { elicitation: expect.anything() } } },
    ]);
  });

  it('is asked for again when the answer is another one, or none', async () => {
    await start((io) => {
      const { responses } = io.input as { responses: Record<string, unknown> };
      return responses['name'] === undefined ? new InputRequired({ name: NAME }, 'state') : DONE;
    });
    const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
    for (const inputResponses of [undefined, {}, { other: { action: 'accept', content: {} } }]) {
      const { last } = await call({ meta }, { inputResponses });
      expect(last.result).toMatchObject({ resultType: 'input_required', inputRequests: { name: NAME } });
      expect(last.result).not.toHaveProperty('ttlMs');
    }
    const answered = { name: { action: 'accept', content: { name: 'Ann' } } };
    const { last } = await call({ meta }, { inputResponses: answered });
    expect(last.result).toMatchObject({ resultType: 'complete' });
  });

  it('is refused with a state that is not ours', async () => {
    await start(() => DONE);
    const { last } = await call({}, { requestState: 'nonsense' });
    expect(last.error?.code).toBe(-32602);
  });

  it.each([[[]], ['name'], [7], [null]])('is refused with %j for its answers', async (inputResponses) => {
    await start(() => DONE);
    const { status, last } = await call({}, { inputResponses });
    expect([status, last]).toMatchObject([400, { id: 7, error: { code: -32602 } }]);
    expect(last.error?.message).toContain('inputResponses');
  });

  it.each([
    ['nested beyond measure', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['half a character', '"\\ud800"'],
    ['a number that is none', '1e400'],
  ])('has no state for a request with %s, and tells nothing of the inside', async (_, value) => {
    await start(() => new InputRequired({ name: NAME }, 'state'));
    const { headers, body } = modernRequest('tools/call', { name: 'any', arguments: { x: 'VALUE' } });
    Object.assign(body.params._meta, { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } });
    for (const round of [{}, { requestState: 'A'.repeat(80) }]) {
      const text = JSON.stringify({ ...body, params: { ...body.params, ...round } }).replace('"VALUE"', value);
      const answer = await fetch(app.url, {
        method: 'POST',
        headers: mcpHeaders('none', headers),
        body: text,
      });
      expect(await answer.json()).toMatchObject({
        error: { code: -32602, message: expect.stringMatching(/^params are/) },
      });
    }
  });
});
