import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Client } from 'pg';
import { pino } from 'pino';
import { AppModule } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createAdapter } from '../../src/http/fastify.js';
import { TOOLS } from '../../src/tools/registry.js';
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

/** Each form a secret of ours or of the site has, around a part that must be seen nowhere. */
const FORMS: readonly ((secret: string) => string)[] = [
  (secret) => `tc_pat_${secret}`,
  (secret) => `tc_at_${secret}`,
  (secret) => `tc_rt_${secret}`,
  (secret) => `tc_act_${secret}`,
  (secret) => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.${secret}`,
];

let environment: Environment;
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
  service = await startServiceProcess(environment.variables);
  app = { url: service.url, config: { publicUrl: service.url } };
  client = new Client({ connectionString: environment.database.url });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client?.end();
  await service?.kill('SIGKILL');
  await environment?.drop();
});

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
  for (const route of routes) {
    const [method, url] = route.split(' ') as [string, string];
    if (url === '/logout') continue;
    for (const identity of identities) {
      const path = url.replaceAll(/:\w+|\*/g, () => encodeURIComponent(plant()));
      const query = `?next=${plant()}&token=${plant()}&cursor=${plant()}&symbol=${plant()}&state=${plant()}&${plantName()}=1`;
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
      const fields = {
        name: plant(),
        user: plant(),
        token: plant(),
        action_token: plant(),
        signal_id: plant(),
        [plantName()]: plant(),
      };
      const bodies =
        method === 'GET' || method === 'HEAD'
          ? [undefined]
          : [JSON.stringify(fields), new URLSearchParams(fields).toString()];
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

  const found = (texts: readonly string[], secrets: readonly string[]): string[] =>
    texts.filter((text) => secrets.some((secret) => text.includes(secret))).map((text) => text.slice(0, 500));
  const genuine = [token.slice(20, 50), cookie.slice(-30)];
  expect(found(service.output().split('\n'), [...planted, ...named, ...genuine])).toEqual([]);
  expect(found(stored, [...planted, ...named, ...genuine])).toEqual([]);
  expect(found(answers, planted)).toEqual([]);
  expect(requests.length).toBeGreaterThan(200);
}, 240_000);
