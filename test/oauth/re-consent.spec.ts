import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ClientMetadataFetch } from '../../src/auth/oauth/clients/client-metadata.fetch.js';
import { GrantStore } from '../../src/auth/oauth/grants/grant.store.js';
import { createEnvironment, type Environment, sessionFetch, startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';
import { Browser, type Field, type FormPage } from './support/browser.js';
import {
  authorizeUrl,
  callbackOf,
  callMcp,
  connect,
  type FlowOptions,
  newVerifier,
  postForm,
  redeem,
  refresh,
  register,
  type Tokens,
  tokensOf,
} from './support/flow.js';

let environment: Environment;
let app: TestApp;
let second: TestApp;
let browser: Browser;
beforeAll(async () => {
  environment = await createEnvironment({ TRUST_PROXY: '127.0.0.1' });
  app = await startApp(environment);
  second = await startApp(environment, { PUBLIC_URL: app.config.publicUrl });
  browser = await new Browser(app).signIn();
});
afterAll(async () => {
  await app?.close();
  await second?.close();
  await environment?.drop();
});

const ALREADY = 'It already has a permission';
const registered = async () => String((await register(app)).body['client_id']);
const ticks = ({ fields }: FormPage): string[] => fields.filter(([name]) => name === 'end_grant').map(([, id]) => id);
const offered = ({ text }: FormPage): string[] =>
  [...text.matchAll(/<input[^>]*name="end_grant"[^>]*value="([^"]+)"/g)].map(([, id]) => id!);
const without = (fields: readonly Field[], gone: string): Field[] => fields.filter(([name]) => name !== gone);

/** A client asks; the page that the person sees. */
async function asked(options: FlowOptions = {}) {
  const verifier = newVerifier();
  const page = await browser.form(authorizeUrl(app, verifier, options));
  const say = async (decision: 'authorize' | 'cancel', ends = ticks(page)): Promise<Tokens | undefined> => {
    const change = (fields: readonly Field[]) => [
      ...without(fields, 'end_grant'),
      ...ends.map((id): Field => ['end_grant', id]),
    ];
    const code = callbackOf(await browser.press(page, decision, change)).query.get('code');
    const { clientId = 'tradecafe-mcp' } = options;
    return code === null ? undefined : tokensOf(await redeem(app, code, verifier, { client_id: clientId }), clientId);
  };
  return { page, say };
}

const isLive = async (tokens: Tokens, at = app): Promise<boolean> => (await callMcp(at, tokens.access)).status === 200;

describe('an app that asks for the first time', () => {
  it('has no permission yet, whatever other users, apps and resources have', async () => {
    const clientId = await registered();
    await connect(app, { clientId, user: 'demo2' });
    await connect(app, { clientId, browser, resource: `${app.config.publicUrl}/api` });
    await connect(app, { clientId: await registered(), browser });
    const { page } = await asked({ clientId });
    expect(page.text).not.toContain('It already has');
    expect(offered(page)).toEqual([]);
  });
});

describe('an app with an id of its own that asks anew', () => {
  it('is said to have a permission, which ends with the new one on every instance', async () => {
    const clientId = await registered();
    const earlier = await connect(app, { clientId, browser, scope: 'read:account read:pool' });
    for (const instance of [app, second]) expect(await isLive(earlier, instance)).toBe(true);
    const { page, say } = await asked({ clientId, scope: 'read:account write:trades' });
    expect(page.text).toContain(ALREADY);
    expect(page.text).toContain('Reads account and pool.');
    expect(page.text).toMatch(/End the one of \d+ \w+ \d{4}/);
    expect(ticks(page)).toHaveLength(1);
    const fresh = await say('authorize');
    expect(await isLive(fresh!)).toBe(true);
    expect(await isLive(earlier)).toBe(false);
    const gone = await until(
      () => isLive(earlier, second),
      (live) => !live,
    );
    expect(gone).toBe(false);
    expect(await refresh(app, earlier)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const call = await sessionFetch(app);
    const { events } = (await (await call('GET', '/v1/activity?tool=app.end')).json()) as { events: unknown[] };
    expect(events[0]).toMatchObject({ credential_kind: 'session', arguments: { grant_id: ticks(page)[0] } });
  });

  it('keeps the earlier one when the person unticks it, and when they cancel', async () => {
    const clientId = await registered();
    const earlier = await connect(app, { clientId, browser });
    await (await asked({ clientId })).say('cancel');
    expect(await isLive(earlier)).toBe(true);
    const fresh = await (await asked({ clientId })).say('authorize', []);
    for (const tokens of [earlier, fresh!]) expect(await isLive(tokens)).toBe(true);
  });

  it('keeps it when the form is sent back for an error, with the tick as it was', async () => {
    const clientId = await registered();
    const earlier = await connect(app, { clientId, browser });
    for (const kept of [true, false]) {
      const { page } = await asked({ clientId });
      const fields = kept ? page.fields : without(page.fields, 'end_grant');
      const wrong: Field[] = [...without(fields, 'scopes'), ['decision', 'authorize']];
      const answer = await browser.read(await browser.post(page.action, wrong));
      expect(answer.status).toBe(422);
      expect(ticks(answer)).toEqual(kept ? ticks(page) : []);
    }
    expect(await isLive(earlier)).toBe(true);
  });

  it('keeps it when the new one cannot be written', async () => {
    const clientId = await registered();
    const earlier = await connect(app, { clientId, browser });
    const { page } = await asked({ clientId });
    const create = jest.spyOn(app.service.app.get(GrantStore), 'create').mockRejectedValueOnce(new Error('disk full'));
    try {
      const answer = await browser.post(page.action, [...page.fields, ['decision', 'authorize']]);
      expect(answer.status).toBe(500);
      expect(create).toHaveBeenCalledTimes(1);
    } finally {
      create.mockRestore();
    }
    expect(await isLive(earlier)).toBe(true);
    expect((await refresh(app, earlier)).status).toBe(200);
  });
});

describe('an app whose id several machines share', () => {
  it('keeps both, says so, and ends what the person ticks', async () => {
    const laptop = await connect(app, { browser, scope: 'read:pool' });
    const { page, say } = await asked();
    expect(page.text).toContain(ALREADY);
    expect(page.text).toContain('another device');
    expect(ticks(page)).toEqual([]);
    const desktop = await say('authorize');
    for (const tokens of [laptop, desktop!]) expect(await isLive(tokens)).toBe(true);

    const third = await asked();
    expect(third.page.text).toContain('It already has 2 permissions');
    const [newest] = offered(third.page);
    const replaced = await third.say('authorize', [newest!]);
    for (const [tokens, live] of [[laptop, true] as const, [desktop!, false] as const, [replaced!, true] as const]) {
      expect(await isLive(tokens)).toBe(live);
    }
  });

  it('is one with a metadata document, too', async () => {
    const clientId = 'https://client.example/re-consent.json';
    const document = { client_id: clientId, client_name: 'App', redirect_uris: ['http://127.0.0.1:43210/callback'] };
    const fetch = jest.spyOn(app.service.app.get(ClientMetadataFetch), 'fetch');
    fetch.mockImplementation(() => Promise.resolve(Response.json(document)));
    try {
      await connect(app, { clientId, browser });
      const { page } = await asked({ clientId });
      expect(offered(page)).toHaveLength(1);
      expect(ticks(page)).toEqual([]);
    } finally {
      fetch.mockRestore();
    }
  });

  it('is shown with its five newest, and the way to the rest', async () => {
    const own = await new Browser(app).signIn('demo2');
    for (let machine = 0; machine < 6; machine += 1) await connect(app, { browser: own });
    const page = await own.form(authorizeUrl(app, newVerifier()));
    expect(page.text).toContain('It already has 6 permissions');
    expect(offered(page)).toHaveLength(5);
    expect(page.text).toContain('href="/settings/apps"');
  });
});

describe('the ticks of the form', () => {
  it("end nothing of another user, another app, another resource, and nothing that is no grant's id", async () => {
    const clientId = await registered();
    const others = [
      await connect(app, { clientId, user: 'demo2' }),
      await connect(app, { clientId: await registered(), browser }),
    ];
    const elsewhere = await connect(app, { clientId, browser, resource: `${app.config.publicUrl}/api` });
    const ids: string[] = [];
    for (const user of ['demo', 'demo2'] as const) {
      const { apps } = (await (await (await sessionFetch(app, user))('GET', '/v1/apps')).json()) as {
        apps: { id: string; client_id: string }[];
      };
      ids.push(...apps.map(({ id }) => id));
    }
    expect(ids.length).toBeGreaterThanOrEqual(2);
    const { say } = await asked({ clientId });
    expect(await say('authorize', [...ids, 'nonsense', "'; DROP TABLE oauth_grants", ''])).toBeDefined();
    for (const tokens of others) expect(await isLive(tokens)).toBe(true);
    expect((await refresh(app, elsewhere)).status).toBe(200);
  });
});

describe('a device that asks anew', () => {
  it('is offered the same choice, and the earlier permission ends with its yes', async () => {
    const clientId = String(
      (
        await register(app, {
          grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        })
      ).body['client_id'],
    );
    const earlier = await connect(app, { clientId, browser });
    const { body } = await postForm(app, '/oauth/device_authorization', { client_id: clientId, scope: 'read:account' });
    const first = await browser.form(`/oauth/device?user_code=${String(body['user_code'])}`);
    const page = await browser.read(await browser.post('/oauth/device', first.fields));
    expect(page.text).toContain(ALREADY);
    expect(ticks(page)).toHaveLength(1);
    expect(await isLive(earlier)).toBe(true);
    const done = await browser.post(page.action, [...page.fields, ['decision', 'authorize']]);
    expect(await done.text()).toContain('connected');
    expect(await isLive(earlier)).toBe(false);
  });
});
