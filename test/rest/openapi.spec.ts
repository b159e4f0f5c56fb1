import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { ERROR_TABLE } from '../../src/errors/error-table.js';
import { createAdapter } from '../../src/http/fastify.js';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { testLogger } from '../support/run-logs/run-logs.js';
import { type Answer, type Call, callWith, patCall } from './gateway.js';
import { type OpenApi, OpenApiCheck, operationsOf } from './openapi-check.js';
import { type RawClient, rawClient } from './raw-request.js';

/** Codes that no route of /v1 answers with. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  unknown_tool: 'the tools of /v1 stand in a table',
  unknown_resource: '/mcp: its resources',
  unknown_prompt: '/mcp: its prompts',
  stream_limit_reached: '/mcp: its streams',
  session_not_found: '/mcp: its sessions',
  not_acceptable: '/mcp: its two content types',
  method_not_allowed: 'methods that the document does not list; test/rest/fuzz.spec.ts',
  access_undeclared: 'a bug that test/fitness/routes.spec.ts finds',
  cancelled: 'the caller is gone: nobody reads it',
  confirmation_declined: '/mcp: nobody can be asked here, it is confirmation_required',
  token_already_created: 'the form of /settings/tokens',
  idempotency_key_required: '/api',
  trade_not_read: '/api',
  authorization_refused: 'the pages of /oauth',
  authorization_expired: 'the pages of /oauth',
  user_code_unknown: 'the pages of /oauth',
  backend_unreachable: 'the stdio program: it is the backend that is away',
  backend_timeout: 'the stdio program',
  consent_pending: 'the stdio program',
  consent_refused: 'the stdio program',
  sign_in_not_kept: 'the stdio program',
};

let environment: Environment;
let app: TestApp;
let document: OpenApi;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  document = (await callWith(app, undefined)('GET', '/openapi.json')).body as OpenApi;
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

async function registeredRoutes(): Promise<string[]> {
  const config = await loadConfig({ ...environment.variables });
  const logger = testLogger();
  const adapter = createAdapter(config, logger);
  const registered: string[] = [];
  adapter.getInstance<FastifyInstance>().addHook('onRoute', ({ method, url }) => {
    for (const verb of [method].flat()) registered.push(`${verb} ${url.replace(/:(\w+)/g, '{$1}')}`);
  });
  const nest = await NestFactory.create<NestFastifyApplication>(AppModule.with(config, logger), adapter, {
    logger: false,
  });
  await nest.init();
  await nest.close();
  return registered;
}

function codesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = (value as { code?: { enum?: string[] } }).code?.enum ?? [];
  return [...own, ...Object.values(value).flatMap(codesIn)];
}

describe('/openapi.json', () => {
  it('is an OpenAPI 3.1 document whose operations all have names of their own', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operationsOf(document).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every route under /v1, and no other', async () => {
    const registered = (await registeredRoutes()).filter(
      (route) => route.includes(' /v1/') && !/^(HEAD|OPTIONS) /.test(route),
    );
    const described = operationsOf(document).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(described.sort()).toEqual([...new Set(registered)].sort());
  });

  it('has every code of the table but those of elsewhere, and no other', () => {
    const codes = new Set(codesIn(document.paths));
    expect(
      Object.keys(ERROR_TABLE)
        .filter((code) => !codes.has(code))
        .sort(),
    ).toEqual(Object.keys(ELSEWHERE).sort());
    expect([...codes].filter((code) => !(code in ERROR_TABLE))).toEqual([]);
  });

  it('names in every path what the path needs', () => {
    for (const { path, operation } of operationsOf(document)) {
      const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(named.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(named.every(({ required }) => required)).toBe(true);
    }
  });
});

describe('live answers', () => {
  let check: OpenApiCheck;
  let call: Call;
  let reader: Call;
  let raw: RawClient;
  let session: Awaited<ReturnType<typeof sessionFetch>>;
  const seen = new Set<string>();

  beforeAll(async () => {
    check = new OpenApiCheck(document);
    call = await patCall(app);
    reader = await patCall(app, { scopes: ['read:pool'] });
    raw = rawClient(app.url, 20_000);
    session = await sessionFetch(app, 'demo2');
  });

  afterAll(() => raw?.close());

  /** The answer, which the document knew of. */
  async function checked(template: string, answering: Promise<Answer>): Promise<Answer> {
    const [method, path] = template.split(' ') as [string, string];
    const listed = operationsOf(document).find((one) => one.method === method.toLowerCase() && one.path === path);
    if (listed === undefined) throw new Error(`${template} is not in the document`);
    const answer = await answering;
    expect([template, answer.status, check.problemOf(listed, answer)]).toEqual([template, answer.status, undefined]);
    seen.add(template);
    return answer;
  }

  async function bySession(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await session(method, path, body);
    const text = await response.text();
    const json = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    const parsed = json ? (JSON.parse(text) as unknown) : undefined;
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  it('of the reads fit it, with success and with failure', async () => {
    const { token } = await mintToken(app);
    for (const { method, path, operation } of operationsOf(document)) {
      if (method !== 'get' || !operation.security.some((one) => 'token' in one)) continue;
      const address = path.replace('{signal_id}', 'sig_2026060402');
      const template = `GET ${path}`;
      const ok = await checked(template, call('GET', address));
      expect(ok.status).toBe(200);
      const tag = ok.headers.get('etag')!;
      await checked(template, call('GET', address, { headers: { 'if-none-match': tag } }));
      await checked(template, call('GET', `${address}?nonsense=1`));
      await checked(template, reader('GET', address));
      await checked(template, callWith(app, undefined)('GET', address));
      await checked(template, callWith(app, 'tc_pat_nonsense')('GET', address));
      await checked(template, callWith(app, undefined)('GET', `${address}?access_token=x`));
      await checked(template, call('GET', address, { headers: { origin: 'https://elsewhere.example' } }));
      const browser = { headers: { accept: 'text/html' } };
      expect((await checked(template, call('GET', address, browser))).status).toBe(200);
      await checked(template, callWith(app, undefined)('GET', address, browser));
      // What a read is sent as its body says nothing.
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' };
      const odd = await checked(template, raw.send({ method: 'GET', address, headers, body: 'limit=1' }));
      expect(odd.status).toBe(200);
    }
    await checked('GET /v1/signals/{signal_id}', call('GET', '/v1/signals/nope'));
    await checked('GET /v1/signals/{signal_id}', call('GET', '/v1/signals/%zz'));
    await checked('GET /v1/signals/{signal_id}', call('GET', `/v1/signals/${'x'.repeat(201)}`));
    environment.sandbox.control.fault({ kind: 'status', status: 500 });
    await checked('GET /v1/positions', call('GET', '/v1/positions'));
    environment.sandbox.control.reset();
  });

  it('of the writes fit it', async () => {
    for (const [path, args] of [
      ['/v1/trades/approve', { signal_id: 'sig_2026060402' }],
      ['/v1/positions/close', { position_id: 'pos_2026060401' }],
    ] as const) {
      const preview = await checked(`POST ${path}/preview`, call('POST', `${path}/preview`, { body: args }));
      const { action_token } = preview.body as { action_token: string };
      const commit = { body: { ...args, action_token } };
      expect((await checked(`POST ${path}`, call('POST', path, commit))).status).toBe(200);
      expect((await checked(`POST ${path}`, call('POST', path, commit))).status).toBe(409);
      for (const body of [{}, [], 'x', { ...args, action_token: 'tc_act_x' }, { ...args, dry_run: true }]) {
        await checked(`POST ${path}`, call('POST', path, { body }));
        await checked(`POST ${path}/preview`, call('POST', `${path}/preview`, { body }));
      }
      const xml = { 'content-type': 'application/xml' };
      await checked(`POST ${path}`, call('POST', path, { body: 'x', headers: xml }));
      await checked(`POST ${path}`, call('POST', path, { body: 'x'.repeat(300_000) }));
      await checked(`POST ${path}`, reader('POST', path, { body: args }));
      await checked(`POST ${path}/preview`, callWith(app, undefined)('POST', `${path}/preview`, { body: args }));
    }
  });

  it("of a person's session fit it", async () => {
    await checked('GET /v1/session', bySession('GET', '/v1/session'));
    const created = await checked(
      'POST /v1/tokens',
      bySession('POST', '/v1/tokens', { name: 'x', scopes: ['read:pool'] }),
    );
    const { id } = created.body as { id: string };
    await checked('POST /v1/tokens', bySession('POST', '/v1/tokens', { name: 7 }));
    await checked('GET /v1/tokens', bySession('GET', '/v1/tokens'));
    const rotated = await checked('POST /v1/tokens/{id}/rotate', bySession('POST', `/v1/tokens/${id}/rotate`));
    await checked('POST /v1/tokens/{id}/rotate', bySession('POST', `/v1/tokens/${id}/rotate`, {}));
    const next = (rotated.body as { id: string }).id;
    await checked('DELETE /v1/tokens/{id}', bySession('DELETE', `/v1/tokens/${next}`));
    await checked('DELETE /v1/tokens/{id}', bySession('DELETE', '/v1/tokens/nope'));
    await checked('POST /v1/freeze', bySession('POST', '/v1/freeze'));
    await checked('DELETE /v1/freeze', bySession('DELETE', '/v1/freeze'));
    await checked('GET /v1/session', callWith(app, undefined)('GET', '/v1/session'));
    await checked('POST /v1/freeze', callWith(app, undefined)('POST', '/v1/freeze'));
    await checked('GET /v1/apps', bySession('GET', '/v1/apps'));
    await checked('DELETE /v1/apps/{id}', bySession('DELETE', '/v1/apps/nope'));
    const page = await checked('GET /v1/activity', bySession('GET', '/v1/activity?limit=1'));
    expect((page.body as { events: unknown[] }).events).toHaveLength(1);
    for (const query of ['format=csv', 'format=ndjson', 'outcome=denied', 'limit=0', 'cursor=nonsense']) {
      await checked('GET /v1/activity', bySession('GET', `/v1/activity?${query}`));
    }
    for (const { method, path, operation } of operationsOf(document)) {
      if (!operation.security.some((one) => 'session' in one)) continue;
      const template = `${method.toUpperCase()} ${path}`;
      const address = path.replace('{id}', '00000000-0000-4000-8000-000000000000');
      const verb = method.toUpperCase();
      expect((await checked(template, bySession(verb, `${address}?nonsense=1`))).status).toBe(400);
      expect((await checked(template, callWith(app, undefined)(verb, address))).status).toBe(401);
      const opened = raw.send({ method: verb, address, headers: { accept: 'text/html' }, body: undefined });
      expect((await checked(template, opened)).status).toBe(verb === 'GET' ? 303 : 401);
    }
  });

  it('were seen of every operation', () => {
    const all = operationsOf(document).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...seen].sort()).toEqual(all.sort());
  });
});
