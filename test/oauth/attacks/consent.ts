import { expect } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { authorizeUrl, callbackOf, newVerifier, register } from '../support/flow.js';
import { type Attack, expectPage, signedIn } from './world.js';

export const CONSENT: readonly Attack[] = [
  {
    no: 30,
    what: 'the consent page in a frame',
    gets: "frame-ancestors 'none', X-Frame-Options, a referrer policy that tells other sites nothing",
    test: async ({ app }) => {
      const { headers } = await (await signedIn(app)).form(authorizeUrl(app, newVerifier()));
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:43210;");
      expect(headers.get('x-frame-options')).toBe('DENY');
      // no-referrer would turn the Origin of our own form into `null`, which is refused.
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  },
  {
    no: 31,
    what: 'consent sent without or with a bad CSRF token, or from another origin',
    gets: '403, and nothing is granted',
    test: async ({ app }) => {
      const browser = await signedIn(app);
      const page = await browser.form(authorizeUrl(app, newVerifier()));
      const fields = [...page.fields, ['decision', 'authorize']] as const;
      const without = fields.filter(([name]) => name !== 'csrf_token');
      await expectPage(await browser.post(page.action, without), 403);
      await expectPage(await browser.post(page.action, [...without, ['csrf_token', 'x'.repeat(43)]]), 403);
      for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }]) {
        await expectPage(await browser.post(page.action, fields, headers), 403);
      }
      const back = await browser.press(page, 'authorize');
      expect(callbackOf(back).query.has('code')).toBe(true);
    },
  },
  {
    no: 32,
    what: "the attacker's consent address in the victim's browser",
    gets: '400 page',
    test: async ({ app }) => {
      const attacker = await signedIn(app, 'demo2');
      const page = await attacker.form(authorizeUrl(app, newVerifier()));
      const victim = await signedIn(app);
      await expectPage(await victim.request(page.action));
      // Not even with an authorization of the victim's own under way.
      await victim.form(authorizeUrl(app, newVerifier()));
      await expectPage(await victim.request(page.action));
      const own = await victim.form(authorizeUrl(app, newVerifier()));
      const csrf = own.fields.find(([name]) => name === 'csrf_token')!;
      await expectPage(await victim.post(page.action, [csrf, ['scopes', 'read:account'], ['decision', 'authorize']]));
      // Nor with the cookies of that one, should a browser send them here.
      for (const name of ['oauth_ix', 'oauth_ix.sig']) victim.setCookie(name, victim.cookie(name)!, page.action);
      expect((await victim.request(own.action)).status).toBe(200);
      await expectPage(await victim.request(page.action));
      await expectPage(await victim.post(page.action, [csrf, ['scopes', 'read:account'], ['decision', 'authorize']]));
    },
  },
  {
    no: 33,
    what: 'the user of the site changes between page and answer',
    gets: '403',
    test: async ({ app }) => {
      const browser = await signedIn(app);
      const page = await browser.form(authorizeUrl(app, newVerifier()));
      await browser.signIn('demo2');
      await expectPage(await browser.post(page.action, [...page.fields, ['decision', 'authorize']]), 403);
    },
  },
  {
    no: 34,
    what: 'the consent form once more, by the back button',
    gets: '400 page',
    test: async ({ app }) => {
      const browser = await signedIn(app);
      const page = await browser.form(authorizeUrl(app, newVerifier()));
      const answer = await browser.post(page.action, [...page.fields, ['decision', 'authorize']]);
      const resume = answer.headers.get('location')!;
      const resumeCookie = browser.cookie('oauth_rs')!;
      expect(callbackOf(await browser.request(resume)).query.has('code')).toBe(true);
      await expectPage(await browser.post(page.action, [...page.fields, ['decision', 'authorize']]));
      await expectPage(await browser.request(resume));
      browser.setCookie('oauth_rs', resumeCookie, new URL(resume, app.url).pathname);
      await expectPage(await browser.request(resume));
    },
  },
  {
    no: 39,
    what: 'a registered name with HTML, or ours',
    gets: 'escaped, said to be unverified, with the place where the answer goes',
    test: async ({ app }) => {
      const { body } = await register(app, {
        client_name: 'TradeCafe <script>alert(1)</script>\u202e official',
        redirect_uris: ['https://app.example/callback', 'cursor://anysphere/callback'],
      });
      const browser = await signedIn(app);
      for (const [redirectUri, place] of [
        ['https://app.example/callback', 'the website app.example'],
        ['cursor://anysphere/callback', 'cursor: links'],
      ] as const) {
        const page = await browser.form(
          authorizeUrl(app, newVerifier(), { clientId: String(body['client_id']), redirectUri }),
        );
        expect(page.text).not.toContain('<script>alert');
        expect(page.text).not.toContain('\u202e');
        expect(page.text).toContain('has not verified this app');
        expect(page.text).toContain(place);
      }
      const own = await browser.form(authorizeUrl(app, newVerifier()));
      expect(own.text).not.toContain('has not verified');
    },
  },
  {
    no: 25,
    what: 'JWTs with alg none or a wrong key, as bearer or as the session cookie',
    gets: '401; to the login page',
    test: async ({ app }) => {
      const { callMcp } = await import('../support/flow.js');
      const { mintSession } = await import('../../../src/auth/session/session-token.js');
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const now = Math.floor(Date.now() / 1000);
      const none = `${part({ alg: 'none' })}.${part({ sub: 'usr_demo_8f3a91', iat: now, exp: now + 600 })}.`;
      const foreign = await mintSession('usr_demo_8f3a91', 'another-secret-another-secret-another', 600);
      for (const jwt of [none, foreign]) {
        expect((await callMcp(app, jwt)).status).toBe(401);
        const browser = new Browser(app);
        browser.setCookie('auth', jwt);
        const consent = await browser.request(authorizeUrl(app, newVerifier()));
        const login = await browser.request(consent.headers.get('location')!);
        expect(login.headers.get('location')).toMatch(/^\/login\?next=/);
      }
    },
  },
];
