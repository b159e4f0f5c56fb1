import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { authorizeUrl, connect, newVerifier, postForm, type TokenAnswer } from './support/flow.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Failures that an address may have in a minute (docs/security.md). */
const FAILURES = 60;
const AUTHORIZATIONS = 240;

let environment: Environment;
let app: TestApp;
beforeAll(async () => {
  environment = await createEnvironment({ TRUST_PROXY: '127.0.0.1' });
  app = await startApp(environment);
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const from = (address: string) => ({ 'x-forwarded-for': address });

const guess = (address: string, endpoint = 'token'): Promise<TokenAnswer> =>
  postForm(
    app,
    `/oauth/${endpoint}`,
    { grant_type: 'refresh_token', client_id: 'tradecafe-mcp', refresh_token: 'tc_rt_guess', token: 'tc_rt_guess' },
    from(address),
  );

/** As many as the limits are, well within their minute, and no more at once than the service has connections for. */
const AT_ONCE = 5;

async function times<T>(count: number, act: (turn: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let start = 0; start < count; start += AT_ONCE) {
    results.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => act(start + index)))));
  }
  return results;
}

describe('the token endpoint', () => {
  it('lets an address fail sixty times a minute, a /64 of IPv6 counting as one, and nobody else pays for it', async () => {
    const tokens = await connect(app);
    const guesses = await times(FAILURES, (turn) => guess(`2001:db8:5:5::${turn.toString(16)}`));
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([400]));
    const refused = await guess('2001:db8:5:5::ffff');
    expect(refused).toMatchObject({ status: 429, body: { error: 'temporarily_unavailable' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect((await guess('2001:db8:5:5::ffff', 'revoke')).status).toBe(429);
    // What is right is refused there, too, and not spent by that.
    const right = { grant_type: 'refresh_token', client_id: 'tradecafe-mcp', refresh_token: tokens.refresh };
    expect((await postForm(app, '/oauth/token', right, from('2001:db8:5:5::ffff'))).status).toBe(429);
    expect((await postForm(app, '/oauth/token', right, from('2001:db8:5:6::1'))).status).toBe(200);
  });

  it('counts neither what succeeds nor a device that waits for its person', async () => {
    const address = '198.51.100.77';
    const { refresh } = await connect(app);
    const right = { grant_type: 'refresh_token', client_id: 'tradecafe-mcp', refresh_token: refresh };
    const succeeded = await times(FAILURES, () => postForm(app, '/oauth/token', right, from(address)));
    expect(new Set(succeeded.map(({ status }) => status))).toEqual(new Set([200]));
    const waiting = await times(FAILURES, async () => {
      const { body } = await postForm(app, '/oauth/device_authorization', { client_id: 'tradecafe-mcp' });
      const code = { grant_type: DEVICE_GRANT, client_id: 'tradecafe-mcp', device_code: String(body['device_code']) };
      return postForm(app, '/oauth/token', code, from(address));
    });
    expect(new Set(waiting.map(({ body }) => body['error']))).toEqual(new Set(['authorization_pending']));
    expect((await guess(address)).status).toBe(400);
  }, 120_000);
});

describe('the authorization endpoint', () => {
  it('begins so many authorizations a minute for an address, then shows a page that says so', async () => {
    const begin = () =>
      fetch(`${app.url}${authorizeUrl(app, newVerifier())}`, { headers: from('198.51.100.78'), redirect: 'manual' });
    const begun = await times(AUTHORIZATIONS, begin);
    expect(new Set(begun.map(({ status }) => status))).toEqual(new Set([303]));
    const refused = await begin();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('location')).toBeNull();
    expect(refused.headers.get('content-type')).toMatch(/^text\/html/);
    expect(refused.headers.get('retry-after')).not.toBeNull();
  }, 120_000);
});
