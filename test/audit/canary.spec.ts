import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Client } from 'pg';
import { pino } from 'pino';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createAdapter } from '../../src/http/fastify.js';
import { PROMPTS } from '../../src/tools/prompts/prompt-registry.js';
import { TOOLS } from '../../src/tools/registry.js';
import { RESOURCE_TEMPLATES, RESOURCES } from '../../src/tools/resources/resource-registry.js';
import {
  createEnvironment,
  type Environment,
  mintToken,
  type Reachable,
  sessionFetch,
  signIn,
} from '../support/app.js';
import { mcpHeaders, modernRequest } from '../support/mcp.js';
import { startServiceProcess, type ServiceProcess } from '../support/service-process.js';

const canary = (): string => randomBytes(24).toString('hex');
const CANARY = /^[\da-f]{48}$/;

/** Each form a secret of ours or of the site has, around a part that must be seen nowhere. */
const FORMS: readonly ((secret: string) => string)[] = [
  (secret) => `tc_pat_${secret}`,
  (secret) => `tc_at_${secret}`,
  (secret) => `tc_rt_${secret}`,
  (secret) => `tc_act_${secret}`,
  (secret) => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.${secret}`,
];

/** What OAuth's endpoints take besides the names that our own document and forms have (RFC 6749, 7009, 7591, 7636, 8628, 8707). */
const OAUTH_NAMES = (
  'client_id client_secret client_name client_uri redirect_uri redirect_uris response_type response_mode scope state nonce ' +
  'code code_challenge code_verifier refresh_token device_code user_code token token_type_hint resource login_hint ' +
  'id_token_hint prompt request request_uri assertion username password software_id contacts'
).split(' ');
/** What gets a request past the first look, so that what comes with it is read. */
const GRANTS = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'client_credentials',
];

let environment: Environment;
let metrics: string;
let service: ServiceProcess;
let app: Reachable;
let client: Client;
const routes = new Set<string>();
const answers: string[] = [];
const requests: string[] = [];
const planted: string[] = [];
/** Planted as names: errors name what they do not know, to whoever sent it, and to nobody else. */
const named: string[] = [];

beforeAll(async () => {
  environment = await createEnvironment({ LOG_LEVEL: 'trace' });
  const config = await loadConfig({ ...environment.variables, LOG_LEVEL: 'silent' });
  const adapter = createAdapter(config, pino({ level: 'silent' }));
  adapter.getInstance<FastifyInstance>().addHook('onRoute', ({ method, url }) => {
    for (const verb of [method].flat()) if (verb !== 'HEAD' && verb !== 'OPTIONS') routes.add(`${verb} ${url}`);
  });
  const listing = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, pino({ level: 'silent' })),
    adapter,
    { logger: false },
  );
  await listing.init();
  await adapter.getInstance<FastifyInstance>().ready();
  await listing.close();
  metrics = `127.0.0.1:${await freePort()}`;
  service = await startServiceProcess({ ...environment.variables, METRICS_ADDRESS: metrics });
  app = { url: service.url, config: { publicUrl: service.url } };
  client = new Client({ connectionString: environment.database.url });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client?.end();
  await service?.kill('SIGKILL');
  await environment?.drop();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** The names of everything that can be sent: what the OpenAPI document describes, what pages ask for, what OAuth takes. */
async function fieldNames(cookie: string): Promise<string[]> {
  const names = new Set(OAUTH_NAMES);
  const collect = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const { properties, name, in: place } = value as { properties?: object; name?: unknown; in?: unknown };
    for (const property of Object.keys(properties ?? {})) names.add(property);
    if (place === 'query' && typeof name === 'string') names.add(name);
    for (const member of Object.values(value)) collect(member);
  };
  collect(await (await fetch(`${service.url}/openapi.json`)).json());
  for (const route of routes) {
    const [method, path] = route.split(' ') as [string, string];
    if (method !== 'GET' || !path.startsWith('/settings') || path.includes(':')) continue;
    const page = await (await fetch(`${service.url}${path}`, { headers: { cookie } })).text();
    for (const [, name] of page.matchAll(/<(?:input|select|textarea)[^>]* name="([\w.-]+)"/g)) names.add(name!);
  }
  // Who sends the right one is let in, and who asks for both kinds of answer gets one.
  for (const own of ['csrf_token', 'format']) names.delete(own);
  return [...names];
}

/** Requests of MCP, one for each place that takes something from outside. */
function mcpRequests(): ReturnType<typeof modernRequest>[] {
  const complete = (ref: object, argument: string): ReturnType<typeof modernRequest>[] =>
    [argument, plantName()].map((name) =>
      modernRequest('completion/complete', { ref, argument: { name, value: plant() } }),
    );
  const fixed = RESOURCES.map(({ uri }) => modernRequest('resources/read', { uri: `${uri}?token=${plantName()}` }));
  const templates = RESOURCE_TEMPLATES.flatMap(({ uriTemplate, variable }) =>
    complete({ type: 'ref/resource', uri: uriTemplate }, variable).concat(
      modernRequest('resources/read', { uri: uriTemplate.replace(`{${variable}}`, plantName()) }),
    ),
  );
  const prompts = PROMPTS.flatMap(({ name, input }) => {
    const known = Object.keys(input.shape);
    const asked = known
      .concat(plantName())
      .map((argument) => modernRequest('prompts/get', { name, arguments: { [argument]: plant() } }));
    return asked.concat(known.flatMap((argument) => complete({ type: 'ref/prompt', name }, argument)));
  });
  const others = [
    modernRequest('prompts/get', { name: plantName() }),
    modernRequest('resources/read', { uri: plantName() }),
    modernRequest('tools/list', { cursor: plant() }),
    modernRequest('subscriptions/listen', { notifications: { resourceSubscriptions: [plantName()] } }),
    modernRequest(plantName(), {}),
  ];
  return fixed.concat(templates, prompts, others);
}

/** The fields as a form; for OAuth's endpoints once for each way of asking for a token. */
function formsOf(url: string, fields: Record<string, string>): string[] {
  const kinds = url.startsWith('/oauth/') ? GRANTS.map((grant_type) => ({ grant_type })) : [{}];
  return kinds.map((kind) => new URLSearchParams({ ...fields, ...kind }).toString());
}

/** A secret in one of its forms, remembered. */
function plant(): string {
  const secret = canary();
  planted.push(secret);
  return FORMS[planted.length % FORMS.length]!(secret);
}

/** The same as the name of a field or a tool. */
function plantName(): string {
  const secret = canary();
  named.push(secret);
  return FORMS[named.length % FORMS.length]!(secret);
}

async function send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<void> {
  const response = await fetch(`${service.url}${path}`, { method, headers, body, redirect: 'manual' });
  const text = await response.text();
  // The way to the login page comes back to where it began; a form that needs another look shows what was typed.
  const form = (method === 'POST' && path.startsWith('/settings/tokens')) || path.startsWith('/settings/activity');
  const own = response.status === 303 || form;
  if (!own)
    answers.push(`${method} ${path.slice(0, 40)} ${response.status} ${JSON.stringify([...response.headers])} ${text}`);
  requests.push(`${method} ${path.slice(0, 60)} ${response.status}`);
}

/** Texts that hold one of the secrets; there are many of both. */
function found(texts: readonly string[], secrets: readonly string[]): string[] {
  const canaries = new Set(secrets.filter((secret) => CANARY.test(secret)));
  const others = secrets.filter((secret) => !CANARY.test(secret));
  const holds = (text: string): boolean =>
    (text.match(/[\da-f]{48,}/g) ?? []).some((run) =>
      Array.from({ length: run.length - 47 }, (_, i) => run.slice(i, i + 48)).some((part) => canaries.has(part)),
    ) || others.some((secret) => text.includes(secret));
  return texts.filter(holds).map((text) => text.slice(0, 500));
}

it('secrets planted in every input of every route and tool are found in no log line, no row and no answer', async () => {
  const { token } = await mintToken(app);
  const cookie = await signIn(app);
  const session = await sessionFetch(app);
  const csrf = ((await (await session('GET', '/v1/session')).json()) as { csrf_token: string }).csrf_token;
  const identities: Record<string, string>[] = [
    {},
    { authorization: `Bearer ${token}` },
    { cookie, 'x-csrf-token': csrf, origin: service.url },
  ];

  expect(routes.size).toBeGreaterThan(30);
  const names = await fieldNames(cookie);
  expect(names).toEqual(expect.arrayContaining(['expires_in_days', 'code_verifier', 'symbol', 'cursor', 'next']));
  for (const route of routes) {
    const [method, url] = route.split(' ') as [string, string];
    if (url === '/logout') continue;
    for (const identity of identities) {
      const path = url.replaceAll(/:\w+|\*/g, () => encodeURIComponent(plant()));
      const query = `?${names.map((name) => `${name}=${plant()}`).join('&')}&${plantName()}=1`;
      const headers = {
        'user-agent': plant(),
        referer: `https://x.example/?t=${plant()}`,
        'x-forwarded-for': plant(),
        traceparent: plant(),
        'idempotency-key': plant(),
        'if-none-match': plant(),
        'mcp-session-id': plant(),
        'x-unknown': plant(),
        ...identity,
      };
      const fields: Record<string, string> = {
        ...Object.fromEntries(names.map((name) => [name, plant()])),
        // JSON-RPC gives a request's id back.
        ...(url === '/mcp' && { id: plantName() }),
        [plantName()]: plant(),
      };
      const bodies =
        method === 'GET' || method === 'HEAD' ? [undefined] : [JSON.stringify(fields), ...formsOf(url, fields)];
      for (const [i, body] of bodies.entries()) {
        const type = i === 0 ? 'application/json' : 'application/x-www-form-urlencoded';
        await send(method, path + query, body === undefined ? headers : { ...headers, 'content-type': type }, body);
      }
    }
    // The credentials themselves.
    await send(method, url, { authorization: `Bearer ${plant()}` });
    await send(method, url, { cookie: `auth=${plant()}`, 'x-csrf-token': plant() });
  }

  for (const { name, input } of TOOLS) {
    const keys = [...Object.keys(input.shape), 'action_token', 'unknown'];
    for (const key of keys) {
      const { headers, body } = modernRequest('tools/call', { name, arguments: { [key]: plant(), dry_run: false } });
      await send('POST', '/mcp', mcpHeaders(token, { ...headers, 'user-agent': plant() }), JSON.stringify(body));
    }
  }
  const { headers, body } = modernRequest('tools/call', { name: plantName(), arguments: {} });
  await send('POST', '/mcp', mcpHeaders(token, headers), JSON.stringify(body));

  for (const request of mcpRequests())
    await send('POST', '/mcp', mcpHeaders(token, request.headers), JSON.stringify(request.body));

  const measured = await (await fetch(`http://${metrics}/metrics`)).text();
  expect(measured).toContain('mcp_server_operation_duration_seconds');
  await service.kill('SIGTERM');
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const stored: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
    stored.push(...rows.map(({ text }) => `${name} ${text}`));
  }
  expect(stored.filter((line) => line.startsWith('audit_events')).length).toBeGreaterThan(30);

  const genuine = [token.slice(20, 50), cookie.slice(-30)];
  expect(found(service.output().split('\n'), [...planted, ...named, ...genuine])).toEqual([]);
  expect(found(stored, [...planted, ...named, ...genuine])).toEqual([]);
  expect(found(answers, planted)).toEqual([]);
  expect(found(measured.split('\n'), [...planted, ...named, ...genuine])).toEqual([]);
  expect(requests.length).toBeGreaterThan(200);
}, 240_000);
