import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createEnvironment, type Environment, mintToken, signIn, startApp, type TestApp } from '../support/app.js';
import { callWith } from './gateway.js';
import { type RawClient, rawClient } from './raw-request.js';
import { type Listed, type OpenApi, OpenApiCheck, operationsOf, type Parameter } from './openapi-check.js';

/** A call of ours ends within 8 s. */
const PATIENCE_MS = 20_000;

let environment: Environment;
let app: TestApp;
let check: OpenApiCheck;
let client: RawClient;
let credentials: Readonly<Record<Credential, Readonly<Record<string, string>>>>;

type Credential = 'none' | 'token' | 'reader' | 'garbage' | 'session' | 'session+csrf';

beforeAll(async () => {
  environment = await createEnvironment({ COMMITS_PER_HOUR: '1000000' });
  app = await startApp(environment);
  client = rawClient(app.url, PATIENCE_MS);
  check = new OpenApiCheck((await callWith(app, undefined)('GET', '/openapi.json')).body as OpenApi);
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const cookie = await signIn(app, 'demo2');
  const session = (await (await fetch(`${app.url}/v1/session`, { headers: { cookie } })).json()) as {
    csrf_token: string;
  };
  const csrf = { cookie, origin: app.config.publicUrl, 'x-csrf-token': session.csrf_token };
  credentials = {
    none: {},
    token: bearer((await mintToken(app)).token),
    reader: bearer((await mintToken(app, { scopes: ['read:signals'] })).token),
    garbage: bearer('tc_pat_nonsense'),
    session: { cookie },
    'session+csrf': csrf,
  };
});
afterAll(async () => {
  client?.close();
  await app?.close();
  await environment?.drop();
});

const NASTY = `%00 %zz ..%2f {{7*7}} <script> __proto__ constructor null undefined NaN -1 1e999 0x10 true [] {} \${x}`;
const nasty = fc.constantFrom(...NASTY.split(' '), '', ' ', '\u0000', "' OR 1=1 --", '\u202e', '💥'.repeat(60));
const anyText = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 260 }));
const known = fc.constantFrom('sig_2026060402', 'sig_2026060403', 'pos_2026060401', 'pos_2026060311', 'BTC-USDT');

/** Now and then what the schema wants, else anything. */
function valueFor(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const { enum: choices, type } = schema;
  const fitting =
    Array.isArray(choices) && choices.length > 0
      ? fc.constantFrom(...(choices as unknown[]))
      : type === 'integer' || type === 'number'
        ? fc.oneof(fc.integer({ min: -5, max: 250 }), fc.double())
        : type === 'boolean'
          ? fc.boolean()
          : known;
  return fc.oneof({ weight: 3, arbitrary: fitting }, { weight: 2, arbitrary: anyText });
}

/** In an address anything goes; `.` and `..` would not arrive, the client itself resolves them. */
function encoded(value: unknown): string {
  const text = String(value);
  if (/^%(00|zz)/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(/^\.+$/, '%2e%2e%2e');
}

function query(parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const named = parameters.map(({ name, schema }) =>
    fc.array(valueFor(schema), { maxLength: 2 }).map((values) => values.map((value) => `${name}=${encoded(value)}`)),
  );
  const foreign = fc.array(anyText, { maxLength: 1 }).map((names) => names.map((name) => `${encoded(name)}=1`));
  return fc.tuple(...named, foreign).map((parts) => parts.flat().join('&'));
}

function body({ requestBody }: Listed['operation']): fc.Arbitrary<string | undefined> {
  if (requestBody === undefined) return fc.constantFrom(undefined, undefined, '{}', 'x');
  const { properties = {} } = requestBody.content['application/json'].schema as {
    properties?: Record<string, Record<string, unknown>>;
  };
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valueFor(schema)]));
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record(fields, { requiredKeys: [], noNullPrototype: true }).map((value) => JSON.stringify(value)),
    },
    { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[[[', '"x', '{"__proto__":{"x":1}}', '\u0000') },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** What goes through as a header's value. */
const headerValue = fc.stringMatching(/^[\x21-\x7e]{0,250}$/);

/** A browser that opens an address is shown a page. */
const accept = fc.oneof(headerValue, fc.constantFrom('text/html', 'application/json, text/html;q=0.5'));

function request(listed: Listed) {
  const { path, operation } = listed;
  const parameters = operation.parameters ?? [];
  const of = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place);
  const ids = fc.tuple(
    ...of('path').map(({ schema }) => valueFor(schema).filter((value) => !/^\.{1,2}$/.test(String(value)))),
  );
  return fc
    .record({
      ids,
      query: query(of('query')),
      body: body(operation),
      type: fc.constantFrom(
        'application/json',
        'application/json',
        'application/json',
        'application/json; charset=utf-8',
        'application/x-www-form-urlencoded',
        'text/plain',
        'application/xml',
      ),
      credential: fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constant<Credential>(
            operation.security.some((one) => 'session' in one) ? 'session+csrf' : 'token',
          ),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom<Credential>('none', 'token', 'reader', 'garbage', 'session', 'session+csrf'),
        },
      ),
      headers: fc.record(
        { 'if-none-match': headerValue, 'idempotency-key': headerValue, traceparent: headerValue, accept },
        { requiredKeys: [], noNullPrototype: true },
      ),
    })
    .map((parts) => {
      const address = parts.ids.reduce<string>((so, id) => so.replace(/\{\w+\}/, () => encoded(id)), path);
      return Object.assign(parts, { listed, address: parts.query === '' ? address : `${address}?${parts.query}` });
    });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

it('whatever method a path does not list is a 405 that names those it does', async () => {
  const paths = Object.entries(check.document.paths).map(([path, methods]) => ({
    path,
    listed: Object.keys(methods).flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])),
  }));
  for (const { path } of paths) {
    const alike = paths.filter((other) => fits(path, other.path)).flatMap((other) => other.listed);
    for (const method of METHODS.filter((one) => !alike.includes(one))) {
      const response = await fetch(`${app.url}${path.replace(/\{\w+\}/g, 'some-id')}`, { method });
      expect([method, path, response.status]).toEqual([method, path, 405]);
      const allow = response.headers.get('allow')!.split(', ');
      expect([path, allow]).toEqual([path, [...new Set(alike)].sort()]);
    }
  }
});

/** Whether an address of one path is one of the other, too. */
function fits(path: string, other: string): boolean {
  const pattern = other.replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}

it('whatever is sent, the answer is one that the document lists', async () => {
  const anyRequest = fc.constantFrom(...operationsOf(check.document)).chain(request);
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ listed, address, body: text, type, credential, headers }) => {
      const answer = await client.send({
        method: listed.method.toUpperCase(),
        address,
        headers: { ...headers, ...credentials[credential], ...(text === undefined ? {} : { 'content-type': type }) },
        body: text,
      });
      const { status } = answer;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(check.problemOf(listed, answer)).toBeUndefined();
      // The upstream is well: nothing may be wrong on this side either.
      expect(status).toBeLessThan(500);
      expect(answer.text).not.toMatch(/\bat .+:\d+:\d+|node_modules|PrismaClient|ECONN/);
    }),
    { numRuns: 400 },
  );
  // Requests that all end at the same check would prove nothing.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404]));
}, 240_000);
