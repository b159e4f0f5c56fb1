import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { mintSession } from '../../src/auth/session/session-token.js';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import { ERROR_TABLE, type ErrorCode } from '../../src/errors/error-table.js';
import { createEnvironment, type Environment, mintToken, signIn, startApp, type TestApp } from '../support/app.js';
import { type RawClient, rawClient } from './raw-request.js';

/**
 * /api has no document to be measured by: what may be answered stands here, as the public tables say it and not as the
 * code does. Requests are written onto the socket as they are, since `fetch` would mend the more interesting ones.
 */

/** A position goes by the id of the signal that opened it, too. */
const OPENED_BY: Readonly<Record<string, string>> = {
  pos_2026060401: 'sig_2026060401',
  pos_2026060402: 'sig_2026060403',
};

/** A call of ours ends within 8 s. */
const PATIENCE_MS = 20_000;

const READERS: Readonly<Record<string, readonly string[]>> = {
  '/user/me': ['read:account', 'read:referrals'],
  '/user/{id}': ['read:account', 'read:referrals'],
  '/terminal/access': ['read:account', 'read:billing'],
  '/terminal/exchange': ['read:account'],
  '/subscription/user': ['read:account', 'read:billing'],
  '/signal/active': ['read:signals'],
  '/signal/history': ['read:signals'],
  '/trade/active': ['read:positions', 'write:trades'],
  '/trade/history': ['read:positions'],
  '/trade/user/chart': ['read:positions'],
  '/staking/client': ['read:pool'],
  '/referral/stats': ['read:referrals'],
};
const WRITES = ['/trade/approve/{id}', '/trade/close/{id}'];

const SIGNAL_FIELDS =
  'id createdAt updatedAt active profit symbol signalType marketType strategyAlias timeframe positionType quantity price ' +
  'positionCurrentPrice takeProfit partialTakeProfit stopLoss signalCreatedAt openSignalId pending';
const USER_FIELDS = 'id referralCode email username createdAt';
/** Every member that an answer may have, at whatever depth; the write answers nothing. */
const FIELDS: Readonly<Record<string, string>> = {
  '/user/me': USER_FIELDS,
  '/user/{id}': USER_FIELDS,
  '/terminal/access': 'tier',
  '/terminal/exchange': 'exchange isActive createdAt',
  '/subscription/user': 'type active trial nextPaymentDate',
  '/signal/active': SIGNAL_FIELDS,
  '/signal/history': `${SIGNAL_FIELDS} items total page limit totalPages`,
  '/trade/active': SIGNAL_FIELDS,
  '/trade/history': `${SIGNAL_FIELDS} items total page limit totalPages`,
  '/trade/user/chart': 'positions pnl date count',
  '/staking/client':
    'id createdAt active amountUSDT profitPercentPerMonth nextPaymentDate totalPayments currentPayments totalRewardUSDT ' +
    'currentPeriodFrozenReward cancellable',
  '/referral/stats': 'totalTurnover directReferrals totalReferrals totalReward',
};

/** What may go wrong before a path is looked at, and what at one that is there. */
const ANYWHERE: readonly ErrorCode[] = ['not_found', 'method_not_allowed', 'invalid_request', 'origin_not_allowed'];
const AT_A_ROUTE: readonly ErrorCode[] = [
  'token_missing',
  'token_malformed',
  'token_invalid',
  'token_in_query',
  'unsupported_media_type',
  'payload_too_large',
  'invalid_json',
  'insufficient_scope',
  'invalid_arguments',
];
const AT_A_WRITE: readonly ErrorCode[] = [
  'idempotency_key_required',
  'idempotency_key_reused',
  'trade_not_read',
  'commit_refused',
  'pending_trade_not_found',
  'position_not_found',
  'preview_changed',
];

type Credential = 'none' | 'all' | 'reader' | 'trader' | 'referrals' | 'garbage' | 'site' | 'cookie';
/** The scopes of those that have any. */
const SCOPES: Partial<Record<Credential, readonly string[]>> = {
  reader: ['read:signals', 'read:pool'],
  trader: ['write:trades'],
  referrals: ['read:referrals'],
};

let environment: Environment;
let app: TestApp;
let credentials: Readonly<Record<Credential, Readonly<Record<string, string>>>>;
let client: RawClient;

beforeAll(async () => {
  environment = await createEnvironment({ COMMITS_PER_HOUR: '1000000' });
  app = await startApp(environment);
  client = rawClient(app.url, PATIENCE_MS);
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const pat = async (scopes?: readonly string[]) =>
    bearer((await mintToken(app, scopes === undefined ? {} : { scopes: scopes as never })).token);
  credentials = {
    none: {},
    all: await pat(),
    reader: await pat(SCOPES.reader),
    trader: await pat(SCOPES.trader),
    referrals: await pat(SCOPES.referrals),
    garbage: bearer('tc_pat_nonsense'),
    site: bearer(await mintSession(DEMO_USER.id, app.config.secrets.sessionJwtSecret, 3_600)),
    cookie: { cookie: await signIn(app) },
  };
});
afterAll(async () => {
  client?.close();
  await app?.close();
  await environment?.drop();
});

const NASTY = '%00 %zz %ff .. %2e%2e ..%2f %2F {{7*7}} <script> __proto__ constructor null undefined NaN * ; : @ \\ |';
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
const nasty = fc.oneof(
  fc.constantFrom(...NASTY.replace(/[<>{}\\|]/g, encoded).split(' '), "'%20OR%201=1--", '%E2%80%AE', 'x'.repeat(201)),
  fc.string({ unit: 'binary', maxLength: 40 }).map(encoded),
  fc.string({ maxLength: 260 }).map(encoded),
);
const id = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('sig_2026060402', 'pos_2026060401', 'pos_2026060402', 'pos_2026060311') },
  { weight: 2, arbitrary: fc.constantFrom(DEMO_USER.id, SECOND_DEMO_USER.id, 'me', 'sig_2026060403') },
  { weight: 2, arbitrary: nasty },
);

/** One of ours, or something that looks as if it were. */
const place = fc.record({
  template: fc.constantFrom(...Object.keys(READERS), ...WRITES, '/user/{id}', ...WRITES),
  id,
  bend: fc.oneof(
    { weight: 6, arbitrary: fc.constant((path: string) => path) },
    {
      weight: 2,
      arbitrary: fc.constantFrom<((path: string) => string)[]>(
        (path) => `${path}/`,
        (path) => `/${path}`,
        (path) => path.toUpperCase(),
        (path) => path.replace('a', '%61'),
        (path) => path.replaceAll('/', '%2f').replace('%2f', '/'),
        (path) => `${path};x=1`,
        (path) => `${path}.json`,
        (path) => `${path}%20`,
        (path) => `${path}%00`,
        (path) => `${path}/x`,
        (path) => path.replace(/\/[^/]*$/, ''),
        (path) => path.replace(/\/[^/]*$/, '/'),
        (path) => `/../v1${path}`,
        (path) => `/%2e%2e/api${path}`,
        (path) => `/.${path}`,
      ),
    },
    { weight: 1, arbitrary: nasty.map((text) => (path: string) => `${path}/${text}`) },
  ),
});

const query = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.constantFrom('?page=1', '?page=2&limit=3', '?limit=200', '?symbol=BTCUSDT', '?limit=5') },
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.oneof(fc.constantFrom('page', 'limit', 'symbol', 'id', 'user', 'dry_run', 'access_token', '?id'), nasty),
          fc.oneof(fc.constantFrom('1', '0', '-1', '1e2', '2.5', '', DEMO_USER.id, SECOND_DEMO_USER.id), nasty),
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
  },
);

const body = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(undefined, '{}') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '{', 'null', '[]', '"x', '7', '{"__proto__":{"x":1}}', '\u0000', '\ufeff{}'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{"id":"pos_2026060401"}', '{"dry_run":true}', '{"?id":1}', '{"a":1,"a":2}'),
  },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(`"${'x'.repeat(300_000)}"`, '['.repeat(50_000)) },
);

const headerText = fc.stringMatching(/^[\x20-\x7e]{0,250}$/);
const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('application/json', 'application/json; charset=utf-8') },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          'application/xml',
          'application/json; charset=utf-16',
          'application/problem+json',
          'json',
          '',
        ),
      },
      { weight: 1, arbitrary: headerText },
    ),
    'idempotency-key': fc.oneof(fc.uuid(), fc.constantFrom('again', '', ' ', 'k'.repeat(201), '\u00e9'), headerText),
    'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'x'),
    accept: fc.oneof(fc.constantFrom('text/html', 'application/xml', '*/*'), headerText),
    'if-none-match': fc.constantFrom('*', '"x"'),
    range: fc.constantFrom('bytes=0-1', 'bytes=9-1'),
    // Mostly ours: with another one nothing else is looked at.
    origin: fc.nat({ max: 7 }).map((which) => ['https://elsewhere.example', 'null'][which] ?? app.config.publicUrl),
    'x-http-method-override': fc.constantFrom('PUT', 'GET', 'DELETE'),
    'x-original-url': fc.constantFrom('/api/user/me', `/api/user/${SECOND_DEMO_USER.id}`),
    'x-forwarded-host': fc.constantFrom('elsewhere.example'),
    'x-forwarded-for': fc.constantFrom('10.0.0.1', "'; DROP TABLE commits --"),
    traceparent: headerText,
    'user-agent': headerText,
    'x-user-id': fc.constantFrom(SECOND_DEMO_USER.id),
  },
  { requiredKeys: [], noNullPrototype: true },
);
/** Most requests carry few of them. */
const fewHeaders = fc.tuple(headers, fc.nat(), fc.nat({ max: 9 })).map(([all, from, most]) => {
  const kept = Object.entries(all).filter(
    ([name], index) => (index + from) % 10 < most / 2 || name === 'content-type' || name === 'idempotency-key',
  );
  return Object.fromEntries(kept);
});

const credential = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Credential>('all') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Credential>('none', 'reader', 'trader', 'referrals', 'garbage', 'site', 'cookie'),
  },
);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'];
const anyRequest = fc
  .record({
    place,
    query,
    body,
    headers: fewHeaders,
    credential,
    odd: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    ),
    /** Whether the trades were looked at before, as a write wants it. */
    looked: fc.boolean(),
  })
  .map(({ place: { template, id: chosen, bend }, query: after, odd, ...rest }) =>
    Object.assign(rest, {
      method: odd ?? (WRITES.includes(template) ? 'PUT' : 'GET'),
      address: `/api${bend(template.replace('{id}', () => chosen))}${after}`,
    }),
  );

type ApiRequest = typeof anyRequest extends fc.Arbitrary<infer Value> ? Value : never;

const CLOSE = { method: 'PUT', address: '/api/trade/close/pos_2026060401', body: '{}', credential: 'all' } as const;
const KEYED = { 'content-type': 'application/json', 'idempotency-key': 'the first' };
/** Chance seldom gets as far as a write. */
const EXAMPLES: readonly ApiRequest[] = [
  { ...CLOSE, headers: KEYED, looked: false },
  { ...CLOSE, headers: { 'content-type': 'application/json' }, looked: true },
  { ...CLOSE, headers: KEYED, looked: true },
  { ...CLOSE, headers: KEYED, looked: true, address: '/api/trade/close/pos_2026060402' },
  {
    ...CLOSE,
    headers: { ...KEYED, 'idempotency-key': 'by its signal' },
    looked: true,
    address: '/api/trade/close/sig_2026060403',
  },
  { ...CLOSE, headers: KEYED, looked: true, credential: 'trader', address: '/api/trade/close/pos_2026060311' },
  { ...CLOSE, headers: KEYED, looked: true, credential: 'site', address: '/api/trade/approve/sig_2026060402' },
  // Of no browser: no Origin, nothing asked for.
  { ...CLOSE, headers: {}, looked: false, credential: 'none', method: 'OPTIONS', address: '/api/user/me' },
  // Every path with every narrow token.
  ...Object.keys(READERS).flatMap((row) =>
    (['reader', 'trader', 'referrals'] as const).map((narrow) => ({
      method: 'GET',
      address: `/api${row.replace('{id}', DEMO_USER.id)}`,
      headers: {},
      body: undefined,
      credential: narrow,
      looked: false,
    })),
  ),
];

/** The row of the tables that an address is of: its segments one by one, an escape being what it stands for. */
function rowOf(address: string): string | undefined {
  let segments: string[];
  try {
    segments = address.split('?', 1)[0]!.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
  return [...Object.keys(READERS), ...WRITES].find((row) => {
    const wanted = `/api${row}`.split('/');
    return segments.length === wanted.length && wanted.every((one, index) => one === '{id}' || one === segments[index]);
  });
}

function membersOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(membersOf)];
}

const STACK = /\bat .+:\d+:\d+|node_modules|PrismaClient|ECONN|SELECT /;

it('whatever is sent to /api, the answer is one of its tables', async () => {
  const seen = new Map<string, number>();
  const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const { control } = environment.sandbox;
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ credential: who, looked, ...sent }) => {
      if (looked)
        await client.send({ method: 'GET', address: '/api/trade/active', headers: credentials[who], body: undefined });
      const {
        status,
        headers: got,
        text,
      } = await client.send({ ...sent, headers: { ...sent.headers, ...credentials[who] } });
      const row = rowOf(sent.address);
      const write = row !== undefined && WRITES.includes(row) && sent.method === 'PUT';
      expect(text).not.toMatch(STACK);
      expect(text).not.toContain('demo2@tradecafe.ai');
      // Effects are the caller's own, of the one trade in the path, and one at most.
      const effects = control.journal();
      const changed = write && status === 200 ? 1 : 0;
      expect(effects.length).toBeLessThanOrEqual(changed);
      if (effects.length > 0) control.reset();
      for (const { user, id: target } of effects) {
        expect(user).toBe(DEMO_USER.id);
        const path = decodeURIComponent(sent.address.split('?', 1)[0]!);
        expect([target, OPENED_BY[target]].some((name) => name !== undefined && path.includes(name))).toBe(true);
      }
      if (status < 300) {
        if (sent.method === 'OPTIONS') return;
        note(`${status}`);
        expect(['all', 'site', 'reader', 'trader', 'referrals']).toContain(who);
        expect(row).toBeDefined();
        if (write) note('write');
        const needed = write ? ['write:trades'] : READERS[row!]!;
        const own = SCOPES[who];
        if (own !== undefined) expect(own.some((scope) => needed.includes(scope))).toBe(true);
        if (!write) expect(['GET', 'HEAD']).toContain(sent.method);
        if (write || sent.method === 'HEAD') expect(text).toBe('');
        else expect(FIELDS[row!]!.split(' ')).toEqual(expect.arrayContaining(membersOf(JSON.parse(text))));
        expect(got.get('cache-control')).toBe('no-store');
        return;
      }
      const listed = [...ANYWHERE, ...(row === undefined ? [] : AT_A_ROUTE), ...(write ? AT_A_WRITE : [])];
      expect(listed.map((code) => ERROR_TABLE[code].status)).toContain(status);
      // A browser that opens an address is shown a page.
      if (/\btext\/html\b/.test(sent.headers['accept'] ?? '')) return;
      expect(got.get('content-type')).toMatch(/^application\/problem\+json/);
      if (sent.method === 'HEAD') return;
      const { code, status: stated } = JSON.parse(text) as { code: ErrorCode; status: number };
      note(code);
      expect(listed).toContain(code);
      expect([status, stated]).toEqual([ERROR_TABLE[code].status, ERROR_TABLE[code].status]);
    }),
    { numRuns: 400, examples: EXAMPLES.map((example): [ApiRequest] => [example]) },
  );
  // Requests that all end at the same check would prove nothing.
  const expected =
    '200 write not_found method_not_allowed invalid_arguments insufficient_scope token_missing unsupported_media_type ' +
    'trade_not_read idempotency_key_required position_not_found idempotency_key_reused';
  expect([...seen.keys()]).toEqual(expect.arrayContaining(expected.split(' ')));
}, 240_000);
