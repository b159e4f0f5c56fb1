import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  signIn,
  startApp,
  type TestApp,
} from '../support/app.js';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

let environment: Environment;
let app: TestApp;
let session: Readonly<Record<string, string>>;
let bearer: Readonly<Record<string, string>>;

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  const cookie = await signIn(app);
  const { csrf_token: csrf } = (await (await fetch(`${app.url}/v1/session`, { headers: { cookie } })).json()) as {
    csrf_token: string;
  };
  session = { cookie, origin: app.config.publicUrl, 'x-csrf-token': csrf };
  bearer = { authorization: `Bearer ${(await mintToken(app)).token}` };
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send(method: string, path: string, { headers, body }: Options = {}) {
  const response = await fetch(`${app.url}${path}`, { method, headers, body, redirect: 'manual' });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const problem = /json/.test(type) && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, allow: response.headers.get('allow'), type, text, problem };
}

const withType = (type: string, more = session): Readonly<Record<string, string>> => ({
  ...more,
  'content-type': type,
});
const newToken = async (): Promise<string> => (await mintToken(app)).id;

describe('a body that is not there', () => {
  it.each([JSON_TYPE, `${JSON_TYPE}; charset=utf-8`])('with Content-Type: %s is none', async (type) => {
    const headers = withType(type);
    expect((await send('POST', `/v1/tokens/${await newToken()}/rotate`, { headers })).status).toBe(201);
    expect((await send('POST', `/v1/tokens/${await newToken()}/rotate`, { headers, body: '' })).status).toBe(201);
    expect((await send('DELETE', `/v1/tokens/${await newToken()}`, { headers })).status).toBe(204);
    expect((await send('DELETE', '/v1/freeze', { headers, body: '' })).status).toBe(200);
  });

  it('is told to be missing where one is needed', async () => {
    for (const headers of [session, withType(JSON_TYPE)]) {
      const { status, problem } = await send('POST', '/v1/tokens', { headers });
      expect([status, problem['code'], problem['detail']]).toEqual([
        400,
        'invalid_request',
        'The body must be a JSON object.',
      ]);
    }
  });

  it('is no message at /mcp', async () => {
    const headers = { ...withType(JSON_TYPE, bearer), accept: 'application/json, text/event-stream' };
    const { status, problem } = await send('POST', '/mcp', { headers, body: '' });
    expect([status, problem['error']]).toEqual([400, expect.objectContaining({ code: -32700 })]);
  });
});

describe('a body that is no object', () => {
  it.each(['[]', 'null', '"x"', '7', 'true', '[{"name":"x","scopes":["read:pool"]}]'])(
    '%s is told so',
    async (body) => {
      const answer = await send('POST', '/v1/tokens', { headers: withType(JSON_TYPE), body });
      expect([answer.status, answer.problem['detail']]).toEqual([400, 'The body must be a JSON object.']);
    },
  );
});

describe('a body in another form than its address takes is a 415, and changes nothing', () => {
  const created = async (): Promise<number> => {
    const response = await (await sessionFetch(app))('GET', '/v1/tokens');
    return ((await response.json()) as { tokens: unknown[] }).tokens.length;
  };
  const form = 'name=x&scopes=read:pool';
  const json = '{"name":"x","scopes":["read:pool"]}';

  it.each<[string, string, string, string]>([
    ['POST', '/v1/tokens', 'text/plain', json],
    ['POST', '/v1/tokens', FORM_TYPE, form],
    ['POST', '/v1/tokens', 'multipart/form-data; boundary=x', '--x--'],
    ['POST', '/v1/tokens', 'application/xml', '<x/>'],
    ['POST', '/v1/tokens', 'not a type', json],
    ['POST', '/v1/freeze', FORM_TYPE, 'x=1'],
    ['DELETE', '/v1/freeze', 'text/plain', 'x'],
    ['POST', '/settings/tokens', JSON_TYPE, json],
    ['POST', '/settings/tokens', 'text/plain', form],
    ['POST', '/settings/freeze', JSON_TYPE, '{}'],
    ['POST', '/login', JSON_TYPE, '{"user":"demo"}'],
    ['POST', '/logout', JSON_TYPE, '{}'],
  ])('%s %s with %s', async (method, path, type, body) => {
    const before = await created();
    const answer = await send(method, path, { headers: withType(type), body });
    expect(answer.status).toBe(415);
    if (path.startsWith('/v1')) expect(answer.problem['code']).toBe('unsupported_media_type');
    else expect(answer.type).toContain('text/html');
    expect(await created()).toBe(before);
  });

  it.each([
    ['POST', '/v1/positions/close/preview'],
    ['POST', '/v1/trades/approve'],
    ['PUT', '/api/trade/close/pos_2026060401'],
  ])('%s %s by a token', async (method, path) => {
    for (const type of ['text/plain', FORM_TYPE]) {
      const headers = withType(type, bearer);
      const answer = await send(method, path, { headers, body: '{"position_id":"pos_2026060401"}' });
      expect([answer.status, answer.problem['code']]).toEqual([415, 'unsupported_media_type']);
    }
  });

  it('without a type at all, too', async () => {
    const body = new Blob([json]);
    const response = await fetch(`${app.url}/v1/tokens`, { method: 'POST', headers: session, body });
    expect(response.status).toBe(415);
  });
});

describe('a query parameter that a route does not have', () => {
  it.each([
    ['GET', '/v1/tokens?foo=1', 'foo'],
    ['GET', '/v1/session?verbose=true', 'verbose'],
    ['GET', '/v1/apps?limit=5', 'limit'],
    ['GET', '/v1/activity?tokne=x', 'tokne'],
    ['POST', '/v1/tokens?name=x', 'name'],
    ['POST', '/v1/freeze?dry_run=true', 'dry_run'],
    ['DELETE', '/v1/freeze?x', 'x'],
    ['DELETE', '/v1/tokens/00000000-0000-4000-8000-000000000000?force=1', 'force'],
    ['DELETE', '/v1/apps/00000000-0000-4000-8000-000000000000?force=1', 'force'],
  ])('%s %s is refused by its name', async (method, path, name) => {
    const { status, problem } = await send(method, path, { headers: session });
    expect([status, problem['code'], problem['errors']]).toEqual([
      400,
      'invalid_request',
      [{ path: name, message: expect.any(String) }],
    ]);
  });

  it('is told to nobody who is not signed in', async () => {
    expect((await send('GET', '/v1/tokens?foo=1')).status).toBe(401);
  });
});

describe('a method that a path does not have', () => {
  it.each([
    ['GET', '/v1/positions/close', 'POST'],
    ['POST', '/v1/positions', 'GET, HEAD'],
    ['PUT', '/v1/signals/recent', 'GET, HEAD'],
    ['PATCH', '/v1/tokens/an-id', 'DELETE'],
    ['GET', '/v1/freeze', 'DELETE, POST'],
    ['GET', '/v1/tokens/an-id/rotate', 'POST'],
    ['POST', '/v1/%74okens/an-id', 'DELETE'],
    ['GET', '/api/trade/close/pos_2026060401', 'PUT'],
    ['POST', '/api/user/me', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['POST', '/health/live?x=1', 'GET, HEAD'],
    ['GET', '/oauth/token', 'POST'],
    ['PUT', '/oauth/register', 'POST'],
    ['GET', '/mcp', 'POST'],
    ['DELETE', '/mcp', 'POST'],
    ['PUT', '/mcp', 'POST'],
    ['DELETE', '/settings/tokens', 'GET, HEAD, POST'],
    ['GET', '/logout', 'POST'],
    ['POST', '/docs', 'GET, HEAD'],
  ])('%s %s is a 405 that names those it has: %s', async (method, path, allow) => {
    const answer = await send(method, path);
    expect([answer.status, answer.allow]).toEqual([405, allow]);
  });

  it('is a 405 whatever comes along as a body or a credential', async () => {
    for (const headers of [withType('application/xml'), withType(JSON_TYPE, bearer), {}]) {
      expect((await send('POST', '/v1/positions', { headers, body: '{' })).status).toBe(405);
    }
  });

  it('is answered in the form of its part of the address space', async () => {
    const v1 = await send('POST', '/v1/positions');
    expect([v1.type, v1.problem['code']]).toEqual(['application/problem+json; charset=utf-8', 'method_not_allowed']);
    expect((await send('GET', '/oauth/token')).problem).toMatchObject({ error: 'invalid_request' });
    expect((await send('GET', '/mcp')).problem).toMatchObject({ jsonrpc: '2.0' });
    expect((await send('DELETE', '/settings/tokens')).type).toContain('text/html');
  });

  it('of a path that is not there is a 404', async () => {
    for (const path of [
      '/v1',
      '/v1/nothing',
      '/v1/positions/',
      '/v1/tokens/a/b',
      '/v1//positions',
      '/nowhere',
      '/*',
      '*',
    ]) {
      for (const method of ['GET', 'DELETE', 'PATCH']) {
        const { status, allow } = await send(method, `/${path.replace(/^\//, '')}`);
        expect([method, path, status, allow]).toEqual([method, path, 404, null]);
      }
    }
  });

  it('is not what is wrong with an id that is too long', async () => {
    expect((await send('GET', `/v1/signals/${'x'.repeat(250)}`, { headers: bearer })).status).toBe(400);
  });
});
