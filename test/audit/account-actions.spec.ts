import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { AccountAction } from '../../src/audit/account-action.js';
import type { ActivityEvent } from '../../src/audit/activity.service.js';
import { LogVerifier } from '../../src/audit/log/log-verifier.js';
import { KeyRing, signingKey } from '../../src/audit/log/signing-key.js';
import { verifyDatabase } from '../../src/cli/audit-verify.js';
import { DEMO_USER } from '../../src/config/demo.js';
import { connect } from '../oauth/support/flow.js';
import {
  createEnvironment,
  type CreatedToken,
  type Environment,
  sessionFetch,
  signIn,
  startApp,
  type TestApp,
} from '../support/app.js';
import { completed, spawnTypeScript } from '../support/service-process.js';
import { until } from '../support/until.js';

const NEW = { name: 'My laptop', scopes: ['read:account', 'write:trades'], max_trade_usdt: 50 };

let environment: Environment;
let app: TestApp;
let client: Client;
let call: Awaited<ReturnType<typeof sessionFetch>>;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  call = await sessionFetch(app);
  client = new Client({ connectionString: environment.database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await app?.close();
  await environment?.drop();
});

const operator = (...args: string[]) => completed(spawnTypeScript('src/cli/tokens.ts', args, environment.variables));

async function json<T>(method: string, path: string, body?: object): Promise<T> {
  return (await (await call(method, path, body)).json()) as T;
}

const mint = (): Promise<CreatedToken> => json('POST', '/v1/tokens', NEW);
const allowApp = async (): Promise<string> => {
  await connect(app, { scope: 'read:account read:pool' });
  return (await json<{ apps: { id: string }[] }>('GET', '/v1/apps')).apps[0]!.id;
};

/** The newest event of an action, as /v1/activity shows it. */
async function eventOf(operation: AccountAction, outcome = 'ok'): Promise<ActivityEvent | undefined> {
  const path = `/v1/activity?tool=${operation}&outcome=${outcome}`;
  return (await json<{ events: ActivityEvent[] }>('GET', path)).events[0];
}

/** Each action: how it is done, what the log says, and the page's sentence. */
const ACTIONS: Readonly<Record<AccountAction, readonly [act: () => Promise<object>, sentence: string]>> = {
  'token.create': [
    async () => ({ arguments: { token_id: (await mint()).id, token_name: NEW.name, max_trade_usdt: 50 } }),
    'You created the token “My laptop”.',
  ],
  'token.rotate': [
    async () => {
      const { id } = await mint();
      const { id: token_id } = await json<CreatedToken>('POST', `/v1/tokens/${id}/rotate`, { grace_minutes: 5 });
      return { arguments: { token_id, replaces: id, grace_minutes: 5, token_name: NEW.name } };
    },
    'You replaced the token “My laptop”.',
  ],
  'token.revoke': [
    async () => {
      const { id } = await mint();
      await call('DELETE', `/v1/tokens/${id}`);
      return { arguments: { token_id: id, token_name: NEW.name } };
    },
    'You revoked the token “My laptop”.',
  ],
  'app.allow': [
    async () => ({ transport: 'web', arguments: { grant_id: await allowApp(), scopes: 'read:account read:pool' } }),
    'You allowed the app “TradeCafe MCP”.',
  ],
  'app.end': [
    async () => {
      const grant_id = await allowApp();
      await call('DELETE', `/v1/apps/${grant_id}`);
      return { arguments: { grant_id, app_name: 'TradeCafe MCP' } };
    },
    'You ended the access of the app “TradeCafe MCP”.',
  ],
  'writes.stop': [
    async () => {
      await call('POST', '/v1/freeze');
      return {};
    },
    'You froze all trading.',
  ],
  'writes.resume': [
    async () => {
      await call('DELETE', '/v1/freeze');
      return {};
    },
    'You resumed trading.',
  ],
  'token.revoke_all': [
    async () => {
      await mint();
      await operator('revoke', '--user', DEMO_USER.id);
      return { credential_kind: 'operator', transport: 'cli', address: null, arguments: { count: expect.any(Number) } };
    },
    'TradeCafe revoked all tokens.',
  ],
  'app.end_all': [
    async () => {
      await allowApp();
      await operator('revoke', '--user', DEMO_USER.id);
      return { credential_kind: 'operator', transport: 'cli', address: null, arguments: { count: 1 } };
    },
    'TradeCafe ended the access of all apps.',
  ],
};

describe('what a person does to tokens, apps and the writes switch', () => {
  it.each(Object.entries(ACTIONS))(
    '%s is an event of the log, and a sentence of the page',
    async (operation, [act, words]) => {
      const expected = await act();
      expect(await eventOf(operation as AccountAction)).toMatchObject({
        credential_kind: 'session',
        transport: 'rest',
        operation,
        outcome: 'ok',
        address: '127.0.0.1',
        ...expected,
      });
      const page = await fetch(`${app.url}/settings/activity`, { headers: { cookie: await signIn(app) } });
      const text = (await page.text()).replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
      expect(text).toContain(words);
    },
    60_000,
  );

  it("the operator's own: created, and revoked by id, in the log of the token's owner", async () => {
    const created = await operator('create', '--user', DEMO_USER.id, '--name', 'ops', '--scopes', 'read:pool');
    const event = (await eventOf('token.create'))!;
    expect(event).toMatchObject({ credential_kind: 'operator', arguments: { token_name: 'ops' } });
    expect(JSON.stringify(event)).not.toContain(created.stdout.trim().slice(19));
    await operator('revoke', '--id', String(event.arguments['token_id']));
    expect(await eventOf('token.revoke')).toMatchObject({
      credential_kind: 'operator',
      arguments: { token_name: 'ops' },
    });
  }, 60_000);

  it('what changes nothing is no event', async () => {
    const { id } = await mint();
    await call('DELETE', `/v1/tokens/${id}`);
    await call('POST', '/v1/freeze');
    await call('DELETE', '/v1/freeze');
    const before = (await client.query('SELECT id FROM audit_events')).rowCount;
    expect((await call('DELETE', `/v1/tokens/${id}`)).status).toBe(204);
    expect((await call('DELETE', '/v1/freeze')).status).toBe(200);
    expect((await client.query('SELECT id FROM audit_events')).rowCount).toBe(before);
  });

  it('what was refused is an event, too', async () => {
    expect((await call('DELETE', '/v1/tokens/5f0c2a2e-1111-4222-8333-123456789abc')).status).toBe(404);
    expect(await eventOf('token.revoke', 'denied')).toMatchObject({ code: 'not_found' });
    const { id } = await mint();
    await call('DELETE', `/v1/tokens/${id}`);
    expect((await call('POST', `/v1/tokens/${id}/rotate`, {})).status).toBe(409);
    expect(await eventOf('token.rotate', 'denied')).toMatchObject({ code: 'token_not_live' });
    const cookie = await signIn(app);
    const forged = await fetch(`${app.url}/v1/freeze`, {
      method: 'POST',
      headers: { cookie, origin: app.config.publicUrl },
    });
    expect(forged.status).toBe(403);
    const events = await until(
      async () => (await json<{ events: ActivityEvent[] }>('GET', '/v1/activity?outcome=denied')).events,
      (all) => all.some(({ code }) => code === 'csrf_failed'),
    );
    expect(events[0]).toMatchObject({ code: 'csrf_failed', operation: 'POST /v1/freeze', credential_kind: 'session' });
  });
});

describe('an action whose row cannot be written', () => {
  const state = async (): Promise<unknown> =>
    (
      await client.query(`SELECT
        (SELECT json_agg(t ORDER BY id) FROM personal_access_tokens AS t) AS tokens,
        (SELECT json_agg(g ORDER BY id) FROM oauth_grants AS g) AS grants,
        (SELECT json_agg(c.frozen_at) FROM user_controls AS c) AS controls`)
    ).rows;

  it('does not happen', async () => {
    const { id } = await mint();
    const grant = await allowApp();
    const before = await state();
    await client.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no row today'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse()`);
    try {
      for (const [method, path, body] of [
        ['POST', '/v1/tokens', NEW],
        ['POST', `/v1/tokens/${id}/rotate`, {}],
        ['DELETE', `/v1/tokens/${id}`],
        ['DELETE', `/v1/apps/${grant}`],
        ['POST', '/v1/freeze'],
      ] as const)
        expect([path, (await call(method, path, body)).status]).toEqual([path, 500]);
      await expect(connect(app)).rejects.toThrow();
      expect((await operator('revoke', '--user', DEMO_USER.id)).code).toBe(1);
      expect(await state()).toEqual(before);
    } finally {
      await client.query('DROP TRIGGER refuse ON audit_events');
    }
    await call('POST', '/v1/freeze');
    expect(await state()).not.toEqual(before);
  }, 60_000);
});

it('the log with all of them verifies', async () => {
  const keys = new KeyRing([signingKey(environment.variables['AUDIT_SIGNING_KEY']!).publicKey]);
  const verify = () => verifyDatabase(environment.database.url, new LogVerifier(keys));
  expect(await until(verify, ({ unsealed, leaves }) => unsealed === 0 && leaves > 20, 15_000)).toMatchObject({
    problems: [],
    unsealed: 0,
  });
}, 60_000);
