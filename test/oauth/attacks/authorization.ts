import { expect } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { authorizeUrl, callbackOf, newVerifier, postForm, redeem, REDIRECT, register } from '../support/flow.js';
import { ask, type Attack, expectPage, expectRefusal, freshCode, newestGrant, signedIn } from './world.js';

const REDIRECTS = [
  'http://127.0.0.1:1/callback/x',
  'http://127.0.0.1:1/other',
  'http://127.0.0.1:1/x/../callback',
  'http://127.0.0.1:1/%2f../callback',
  'http://127.0.0.1:1/callback%2f..',
  'http://localhost:1/callback',
  'http://127.0.0.1.evil.example/callback',
  'http://user@127.0.0.1:1/callback',
  'http://127.0.0.1:1@evil.example/callback',
  'https://127.0.0.1:1/callback',
  'http://127.0.0.1:1/callback?x=1',
  'http://127.0.0.1:1/callback#x',
  'http://127.0.0.1:1\\@evil.example/callback',
  'http://0x7f000001:1/callback',
  'http://2130706433/callback',
  'http://127.1:1/callback',
  'http://[::1]:1/callback',
  'javascript:alert(1)',
  '//evil.example/callback',
  'http://127.0.0.1:1/callback ',
];

export const AUTHORIZATION: readonly Attack[] = [
  {
    no: 1,
    what: 'redirect_uri variants',
    gets: '400 page, no redirect, no way to the login page',
    test: async ({ app }) => {
      for (const redirectUri of REDIRECTS) {
        await expectPage(await new Browser(app).request(authorizeUrl(app, newVerifier(), { redirectUri })));
        await expectPage(await ask(app, { redirectUri }));
      }
    },
  },
  {
    no: 2,
    what: 'redirect_uri missing or repeated, unknown client',
    gets: '400 page',
    test: async ({ app }) => {
      const url = authorizeUrl(app, newVerifier());
      const browser = await signedIn(app);
      const without = url.replace(/&redirect_uri=[^&]*/, '');
      await expectPage(await browser.request(without));
      await expectPage(await browser.request(`${url}&redirect_uri=${encodeURIComponent(REDIRECT)}`));
      await expectPage(await browser.request(`${url}&redirect_uri=https%3A%2F%2Fevil.example`));
      await expectPage(await ask(app, { clientId: 'nobody' }));
      await expectPage(await browser.request(`${url}&client_id=nobody`));
    },
  },
  {
    no: 3,
    what: 'no PKCE, plain, malformed challenge',
    gets: 'redirect error=invalid_request with iss and state',
    test: async ({ app }) => {
      const browser = await signedIn(app);
      const url = authorizeUrl(app, newVerifier());
      for (const bent of [
        url.replace(/&code_challenge=[^&]*&code_challenge_method=S256/, ''),
        url.replace('method=S256', 'method=plain'),
        url.replace(/&code_challenge_method=S256/, ''),
        url.replace(/code_challenge=[^&]*/, 'code_challenge=short'),
      ]) {
        expectRefusal(app, await browser.request(bent), 'invalid_request');
      }
    },
  },
  {
    no: 9,
    what: 'response_type token, id_token, none',
    gets: 'unsupported_response_type',
    test: async ({ app }) => {
      for (const type of ['token', 'none', 'code token']) {
        expectRefusal(app, await ask(app, { extra: { response_type: type } }), 'unsupported_response_type');
      }
    },
  },
  {
    no: 10,
    what: 'response_mode fragment, form_post',
    gets: 'invalid_request, in the query',
    test: async ({ app }) => {
      for (const mode of ['fragment', 'form_post', 'web_message']) {
        const response = await ask(app, { extra: { response_mode: mode } });
        expectRefusal(app, response, 'invalid_request');
        expect(new URL(response.headers.get('location')!).hash).toBe('');
      }
      expect((await ask(app, { extra: { response_mode: 'query' } })).headers.get('location')).toMatch(
        /^\/oauth\/inter/,
      );
    },
  },
  {
    no: 11,
    what: 'mix-up: which server answered',
    gets: 'iss with success and error, state byte for byte',
    test: async ({ app }) => {
      const state = 'a b+c/=&%"<é';
      const browser = await signedIn(app);
      for (const decision of ['authorize', 'cancel'] as const) {
        const page = await browser.form(authorizeUrl(app, newVerifier(), { state }));
        const { query } = callbackOf(await browser.press(page, decision));
        expect(query.get('state')).toBe(state);
        expect(query.get('iss')).toBe(app.config.publicUrl);
      }
    },
  },
  {
    no: 12,
    what: 'NUL and control characters in any parameter',
    gets: '400, never 500',
    test: async ({ app }) => {
      for (const nasty of ['\u0000', 'x\u0000y', '\u001b[2J', '\u007f']) {
        await expectPage(await ask(app, { state: nasty }));
        await expectPage(await ask(app, { clientId: nasty }));
        await expectPage(await ask(app, { extra: { [`p${nasty}`]: '1' } }));
        for (const path of ['token', 'revoke', 'device_authorization']) {
          const answer = await postForm(app, `/oauth/${path}`, { client_id: nasty, token: nasty, code: nasty });
          expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
        }
        expect((await register(app, { redirect_uris: [`https://a.example/${nasty}`] })).status).toBe(400);
      }
    },
  },
  {
    no: 19,
    what: 'unknown scope; a scope added to the consent form, one unticked in it',
    gets: 'invalid_scope; neither is granted',
    test: async ({ app, sql }) => {
      expectRefusal(app, await ask(app, { scope: 'admin everything' }), 'invalid_scope');
      const browser = await signedIn(app);
      const verifier = newVerifier();
      const page = await browser.form(authorizeUrl(app, verifier, { scope: 'read:account read:pool admin' }));
      const back = await browser.press(page, 'authorize', (fields) => [
        ...fields.filter(([, value]) => value !== 'read:pool'),
        ['scopes', 'write:trades'],
        ['scopes', 'admin'],
        ['scope', 'write:trades'],
      ]);
      const answer = await redeem(app, callbackOf(back).query.get('code')!, verifier);
      expect(answer.body['scope']).toBe('read:account');
      // Nor in the grant, which outlives the token.
      expect(await newestGrant(sql)).toMatchObject({ scopes: ['read:account'] });
    },
  },
  {
    no: 21,
    what: 'unknown resource, two resources, a resource that was not granted',
    gets: 'invalid_target',
    test: async ({ app }) => {
      expectRefusal(app, await ask(app, { resource: 'https://evil.example/mcp' }), 'invalid_target');
      const two = `${authorizeUrl(app, newVerifier())}&resource=${encodeURIComponent(`${app.config.publicUrl}/api`)}`;
      expectRefusal(app, await (await signedIn(app)).request(two), 'invalid_target');
      const { code, verifier } = await freshCode(app);
      const answer = await redeem(app, code, verifier, { resource: `${app.config.publicUrl}/api` });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    },
  },
  {
    no: 35,
    what: 'a second authorization; prompt=none',
    gets: 'asked again; login_required; never a silent code',
    test: async ({ app }) => {
      const browser = await signedIn(app);
      for (let round = 0; round < 2; round += 1) {
        const page = await browser.form(authorizeUrl(app, newVerifier()));
        expect(page.status).toBe(200);
        await browser.press(page, 'authorize');
      }
      expectRefusal(
        app,
        await browser.request(authorizeUrl(app, newVerifier(), { extra: { prompt: 'none' } })),
        'login_required',
      );
    },
  },
  {
    no: 36,
    what: 'open redirect through the login page',
    gets: 'a path of our own only',
    test: async ({ app }) => {
      for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/.//evil.example']) {
        const answer = await new Browser(app).post('/login', [
          ['user', 'demo'],
          ['next', next],
        ]);
        expect(answer.headers.get('location')).toBe('/settings/tokens');
      }
    },
  },
];
