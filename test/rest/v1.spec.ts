import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ALL_SCOPES } from '../../src/auth/scopes.js';
import { mintSession } from '../../src/auth/session/session-token.js';
import { DEMO_USER } from '../../src/config/demo.js';
import { READ_ROUTES, WRITE_ROUTES } from '../../src/rest/v1/tool-routes.js';
import { createEnvironment, type Environment, signIn, startApp, type TestApp } from '../support/app.js';
import { legacyClient } from '../support/mcp.js';
import { mintToken } from '../support/app.js';
import { type Answer, type Call, callWith, codeOf, patCall } from './gateway.js';

const SIGNAL = { signal_id: 'sig_2026060402' };
const POSITION = { position_id: 'pos_2026060401' };

let environment: Environment;
let app: TestApp;
let call: Call;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  call = await patCall(app);
});
afterEach(() => environment.sandbox.control.reset());
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const address = (path: string): string => `/v1/${path.replace(':signal_id', SIGNAL.signal_id)}`;
const tokenOf = ({ body }: Answer): string => (body as { action_token: string }).action_token;
const errorsOf = ({ body }: Answer): unknown => (body as { errors?: unknown }).errors;

describe('a read at /v1', () => {
  it.each(READ_ROUTES.map(({ path, tool, list }) => [path, tool.name, list] as const))(
    '%s answers what the tool %s answers at /mcp, lists bare',
    async (path, tool, list) => {
      const client = await legacyClient(app.url, (await mintToken(app)).token);
      const { structuredContent } = await client.call(tool, path.includes(':signal_id') ? SIGNAL : {});
      await client.close();
      const answer = await call('GET', address(path));
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(list === undefined ? structuredContent : structuredContent![list]);
    },
  );

  it('takes its arguments from the query, as what they are', async () => {
    const { body } = await call('GET', '/v1/signals/recent?limit=2&include_history=true&side=short');
    expect(body).toMatchObject([
      { side: 'short', status: 'live' },
      { side: 'short', status: 'expired' },
    ]);
  });

  it.each([
    ['/v1/positions?limit=x', ['limit']],
    ['/v1/positions?limit=', ['limit']],
    ['/v1/positions?limit=1e2', ['limit']],
    ['/v1/positions?limit=0x10', ['limit']],
    ['/v1/positions?limit=007', ['limit']],
    ['/v1/positions?limit=%2020', ['limit']],
    ['/v1/positions?limit=1.5', ['limit']],
    ['/v1/positions?limit=201', ['limit']],
    ['/v1/positions?limit=5&limit=6', ['limit']],
    ['/v1/positions?limit=5&colour=red', ['colour']],
    ['/v1/positions?__proto__=1', ['__proto__']],
    ['/v1/positions?constructor=1', ['constructor']],
    ['/v1/signals/recent?include_history=1', ['include_history']],
    ['/v1/signals/recent?include_history=TRUE', ['include_history']],
    ['/v1/signals/recent?symbol=BTC-USDT&symbol=ETH-USDT', ['symbol']],
    [`/v1/signals/${SIGNAL.signal_id}?signal_id=other`, ['signal_id']],
    ['/v1/account/summary?verbose=true', ['verbose']],
  ])('%s is refused, naming %j', async (path, names) => {
    const answer = await call('GET', path);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_arguments']);
    expect((errorsOf(answer) as { path: string }[]).map((error) => error.path)).toEqual(names);
  });

  it('has a tag, and asked again with it costs no body, until something has changed', async () => {
    const first = await call('GET', '/v1/positions');
    const tag = first.headers.get('etag')!;
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await call('GET', '/v1/positions', { headers: { 'if-none-match': header } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag]);
    }
    environment.sandbox.control.price('BTCUSDT', 70_000);
    expect((await call('GET', '/v1/positions', { headers: { 'if-none-match': tag } })).status).toBe(200);
    expect((await call('GET', '/v1/positions?limit=x', { headers: { 'if-none-match': '*' } })).status).toBe(400);
  });

  it('outside the scopes is a 403 that says which scope, for every kind of bearer', async () => {
    for (const { path, tool } of READ_ROUTES) {
      const narrow = await patCall(app, { scopes: ALL_SCOPES.filter((scope) => scope !== tool.scope) });
      const answer = await narrow('GET', address(path));
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 403, 'insufficient_scope']);
      const challenge = answer.headers.get('www-authenticate');
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain(tool.scope);
      expect(challenge).toContain('resource_metadata=');
    }
  });

  it("a site's session opens nothing here, neither as a cookie nor as a bearer", async () => {
    const jwt = await mintSession(DEMO_USER.id, app.config.secrets.sessionJwtSecret, 600);
    const bearer = await callWith(app, jwt)('GET', '/v1/positions');
    expect([bearer.status, codeOf(bearer)]).toEqual([401, 'token_malformed']);
    const cookie = await callWith(app, undefined)('GET', '/v1/positions', { headers: { cookie: await signIn(app) } });
    expect([cookie.status, codeOf(cookie)]).toEqual([401, 'token_missing']);
  });

  it('says what a failure upstream was', async () => {
    environment.sandbox.control.fault({ path: '/trade/active', kind: 'status', status: 500 });
    const answer = await call('GET', '/v1/positions');
    expect([answer.status, codeOf(answer)]).toEqual([503, 'upstream_unavailable']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('etag')).toBeNull();
  });
});

describe('the limit', () => {
  it('is in the headers of every answer, and in Retry-After once it is used up', async () => {
    const small = await startApp(environment, { RATE_LIMIT_PER_MINUTE: '2' });
    try {
      const limited = await patCall(small);
      const answers: Answer[] = [];
      for (const path of ['/v1/positions', '/v1/positions?x=1', '/v1/pool/status', '/v1/positions']) {
        answers.push(await limited('GET', path));
      }
      expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 429]);
      const header = (name: string) => answers.map(({ headers }) => headers.get(name));
      expect(header('ratelimit-policy')).toEqual(Array(4).fill('"credential";q=2;w=60'));
      expect(header('ratelimit').map((value) => /^"credential";r=(\d+);t=\d+$/.exec(value ?? '')?.[1])).toEqual([
        '1',
        '1',
        '0',
        '0',
      ]);
      expect(header('tradecafe-mode')).toEqual(Array(4).fill('mock'));
      expect(Number(header('retry-after')[3])).toBeGreaterThan(0);
      // One count for all doors.
      expect((await limited('GET', '/api/staking/client')).status).toBe(429);
    } finally {
      await small.close();
    }
  });
});

describe('a write at /v1', () => {
  it('is a preview at one address and a commit at the next, each effect once', async () => {
    for (const [path, args, target] of [
      ['trades/approve', SIGNAL, SIGNAL.signal_id],
      ['positions/close', POSITION, POSITION.position_id],
    ] as const) {
      const preview = await call('POST', `/v1/${path}/preview`, { body: args });
      expect(preview).toMatchObject({ status: 200, body: { dry_run: true, preview: args, committed: null } });
      const commit = await call('POST', `/v1/${path}`, { body: { ...args, action_token: tokenOf(preview) } });
      expect(commit).toMatchObject({ status: 200, body: { dry_run: false, committed: args } });
      expect(commit.headers.get('cache-control')).toBe('no-store');
      expect(environment.sandbox.control.journal().at(-1)).toMatchObject({ id: target, user: DEMO_USER.id });
    }
    expect(environment.sandbox.control.journal()).toHaveLength(2);
  });

  it.each([
    ['/v1/trades/approve/preview', { ...SIGNAL, dry_run: false }, 'invalid_arguments'],
    ['/v1/trades/approve/preview', { ...SIGNAL, action_token: 'tc_act_x' }, 'invalid_arguments'],
    ['/v1/trades/approve/preview', {}, 'invalid_arguments'],
    ['/v1/trades/approve/preview', undefined, 'invalid_arguments'],
    ['/v1/trades/approve/preview', [SIGNAL], 'invalid_arguments'],
    ['/v1/trades/approve/preview', 'text', 'invalid_arguments'],
    ['/v1/trades/approve/preview', { signal_id: 'nope' }, 'pending_trade_not_found'],
    ['/v1/positions/close/preview', { position_id: 'nope' }, 'position_not_found'],
    ['/v1/trades/approve', { ...SIGNAL, dry_run: false }, 'invalid_arguments'],
    ['/v1/trades/approve', SIGNAL, 'action_token_required'],
    ['/v1/trades/approve', { ...SIGNAL, action_token: 'tc_act_x' }, 'action_token_invalid'],
  ])('%s with %j is refused: %s', async (path, body, code) => {
    const answer = await call('POST', path, { body });
    expect(codeOf(answer)).toBe(code);
    // Whoever is here calls addresses, not tools.
    expect((answer.body as { next: string }).next).not.toMatch(/dry_run|get_\w+|\btool\b/);
    expect(environment.sandbox.control.journal()).toEqual([]);
  });

  it('needs write:trades, and says so', async () => {
    const reader = await patCall(app, { scopes: ['read:positions'] });
    for (const { path, tool } of WRITE_ROUTES) {
      const body = tool.name === 'close_position' ? POSITION : SIGNAL;
      const answer = await reader('POST', `/v1/${path}`, { body });
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 403, 'insufficient_scope']);
      expect(answer.headers.get('www-authenticate')).toContain('scope="read:positions write:trades"');
    }
  });
});

describe('Idempotency-Key on a commit', () => {
  const previewed = async () => {
    const preview = await call('POST', '/v1/positions/close/preview', { body: POSITION });
    return { ...POSITION, action_token: tokenOf(preview) };
  };
  const commit = (body: object, key?: string) =>
    call('POST', '/v1/positions/close', { body, headers: key === undefined ? {} : { 'idempotency-key': key } });

  it('repeated with it, the answer is the first one, and there is one effect', async () => {
    const [body, key] = [await previewed(), randomUUID()];
    const first = await commit(body, key);
    const again = await commit(body, key);
    expect(first.status).toBe(200);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(environment.sandbox.control.journal()).toHaveLength(1);
  });

  it('repeated with it after a new preview, too: the write is not made again', async () => {
    const [first, second, key] = [await previewed(), await previewed(), randomUUID()];
    const answers = await Promise.all([commit(first, key), commit(second, key)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0].body).toEqual(answers[1].body);
    expect((await commit({ ...POSITION, action_token: 'tc_act_lost' }, key)).body).toEqual(answers[0].body);
    expect(environment.sandbox.control.requests.snapshot().counts.writes).toBe(1);
  });

  it('for another write is refused', async () => {
    const [body, key] = [await previewed(), randomUUID()];
    expect((await commit(body, key)).status).toBe(200);
    const answer = await commit({ ...body, position_id: 'pos_2026060402' }, key);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'idempotency_key_reused']);
  });

  it('without it, with another one, or after a first one without, a used token is a used token', async () => {
    const [body, key] = [await previewed(), randomUUID()];
    expect((await commit(body, key)).status).toBe(200);
    for (const other of [undefined, '', ' ', randomUUID(), `${key}x`]) {
      expect(codeOf(await commit(body, other))).toBe('action_token_used');
    }
    const bare = { position_id: 'pos_2026060402' };
    const preview = await call('POST', '/v1/positions/close/preview', { body: bare });
    const plain = { ...bare, action_token: tokenOf(preview) };
    expect((await commit(plain)).status).toBe(200);
    expect(codeOf(await commit(plain, randomUUID()))).toBe('action_token_used');
    expect(codeOf(await commit({ ...plain, position_id: POSITION.position_id }, randomUUID()))).toBe(
      'action_token_arguments_changed',
    );
    expect(environment.sandbox.control.journal()).toHaveLength(2);
  });

  it('a refusal is repeated as a refusal', async () => {
    const preview = await call('POST', '/v1/trades/approve/preview', { body: SIGNAL });
    const body = { ...SIGNAL, action_token: tokenOf(preview) };
    environment.sandbox.control.settings({ drawdown_pct: 40 });
    const attempt = () => call('POST', '/v1/trades/approve', { body, headers: { 'idempotency-key': 'k' } });
    const answers = [await attempt(), await attempt()];
    expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual([
      [422, 'commit_refused'],
      [422, 'commit_refused'],
    ]);
    expect(environment.sandbox.control.journal()).toEqual([]);
  });

  it('at the same time, one carries it out and the others wait to be told how it ended', async () => {
    const [body, key] = [await previewed(), randomUUID()];
    const answers = await Promise.all(Array.from({ length: 6 }, () => commit(body, key)));
    expect(environment.sandbox.control.journal()).toHaveLength(1);
    expect(answers.map((answer) => codeOf(answer) ?? answer.status)).toEqual(Array(6).fill(200));
  });

  it('that is too long is refused before anything is spent', async () => {
    const body = await previewed();
    expect(codeOf(await commit(body, 'k'.repeat(201)))).toBe('invalid_request');
    expect((await commit(body, randomUUID())).status).toBe(200);
  });
});

describe('a write takes nothing from the query', () => {
  it('a dry_run there is refused by its name instead of being passed over; nothing is sent', async () => {
    const preview = await call('POST', '/v1/positions/close/preview', { body: POSITION });
    const body = { ...POSITION, action_token: tokenOf(preview) };
    const answer = await call('POST', '/v1/positions/close?dry_run=true', { body });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_arguments']);
    expect(JSON.stringify(errorsOf(answer))).toContain('?dry_run');
    expect((await call('POST', '/v1/positions/close/preview?foo=1', { body: POSITION })).status).toBe(400);
    expect(environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
    expect((await call('POST', '/v1/positions/close', { body })).status).toBe(200);
  });
});
