import { expect } from '@jest/globals';
import request from 'supertest';
import { mintToken, type TestApp } from '../../support/app.js';
import { issued } from '../../support/run-logs/run-logs.js';
import { startServiceProcess } from '../../support/service-process.js';
import { until } from '../../support/until.js';
import { Browser } from '../support/browser.js';
import {
  authorize,
  authorizeUrl,
  newVerifier,
  postForm,
  redeem,
  refresh,
  someAddress,
  tokensOf,
} from '../support/flow.js';
import { type Attack, expectPage, isLive, signedIn } from './world.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const EVIL = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };

async function startDevice(app: TestApp) {
  const { status, body } = await postForm(app, '/oauth/device_authorization', {
    client_id: 'tradecafe-mcp',
    scope: 'read:account',
    resource: `${app.config.publicUrl}/mcp`,
  });
  expect(status).toBe(200);
  issued(String(body['user_code']));
  return body as Record<'device_code' | 'user_code' | 'verification_uri', string> & { interval: number };
}

const poll = (app: TestApp, deviceCode: string) =>
  postForm(app, '/oauth/token', { grant_type: DEVICE_GRANT, client_id: 'tradecafe-mcp', device_code: deviceCode });

/** The form that decides, as the person sees it after the code. */
async function deviceForm(browser: Browser, userCode: string) {
  const first = await browser.form('/oauth/device');
  const csrf = first.fields.find(([name]) => name === 'csrf_token')!;
  return browser.read(await browser.post('/oauth/device', [csrf, ['user_code', userCode]]));
}

export const OPERATION: readonly Attack[] = [
  {
    no: 44,
    what: 'Host and X-Forwarded-* of an attacker',
    gets: 'every absolute address stays on the issuer',
    test: async ({ app }) => {
      for (const path of ['oauth-authorization-server', 'oauth-protected-resource', 'oauth-protected-resource/mcp']) {
        expect((await request(app.url).get(`/.well-known/${path}`).set(EVIL)).text).not.toContain('evil.example');
      }
      const device = await request(app.url)
        .post('/oauth/device_authorization')
        .set(EVIL)
        .type('form')
        .send({ client_id: 'tradecafe-mcp' });
      expect((device.body as Record<string, string>)['verification_uri']).toBe(`${app.config.publicUrl}/oauth/device`);
      const browser = await signedIn(app);
      const verifier = newVerifier();
      const begun = await request(app.url).get(authorizeUrl(app, verifier)).set(EVIL);
      expect(begun.headers['location']).toMatch(/^\/oauth\/interaction\//);
      const page = await browser.form(authorizeUrl(app, verifier));
      const answer = await browser.post(page.action, [...page.fields, ['decision', 'authorize']]);
      expect(answer.headers.get('location')).toContain(`${app.config.publicUrl}/oauth/authorize/`);
    },
  },
  {
    no: 48,
    what: 'endpoints of OpenID and OAuth that nobody uses',
    gets: '404',
    test: async ({ app }) => {
      for (const path of [
        'introspect',
        'userinfo',
        'me',
        'par',
        'request',
        'jwks',
        'end_session',
        'register/tc_client_x',
      ]) {
        for (const method of ['GET', 'POST']) {
          expect((await fetch(`${app.url}/oauth/${path}`, { method })).status).toBe(404);
        }
      }
      for (const path of ['/.well-known/openid-configuration', '/jwks', '/token', '/session/end']) {
        expect((await fetch(`${app.url}${path}`)).status).toBe(404);
      }
    },
  },
  {
    no: 49,
    what: 'device flow: haste, guesses, links that approve by themselves, approval by another session',
    gets: 'authorization_pending, slow_down; 429; a page that asks; 403',
    test: async ({ app }) => {
      const device = await startDevice(app);
      expect(device.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      expect(device.interval).toBe(5);
      expect(await poll(app, device.device_code)).toMatchObject({
        status: 400,
        body: { error: 'authorization_pending' },
      });
      expect(await poll(app, device.device_code)).toMatchObject({ status: 400, body: { error: 'slow_down' } });

      const browser = await signedIn(app);
      const linked = await browser.form(`/oauth/device?user_code=${device.user_code}`);
      expect(linked.text).not.toContain('Authorize');
      const form = await deviceForm(browser, device.user_code.toLowerCase());
      expect(form.text).toContain(device.user_code);

      // Another session may not send this form, not even with its own CSRF token.
      const other = await signedIn(app, 'demo2');
      const csrf = (await other.form('/oauth/device')).fields.find(([name]) => name === 'csrf_token')!;
      const stolen = form.fields.filter(([name]) => name !== 'csrf_token');
      await expectPage(await other.post('/oauth/device', [csrf, ...stolen, ['decision', 'authorize']]), 403);

      const done = await browser.post('/oauth/device', [...form.fields, ['decision', 'authorize']]);
      expect(await done.text()).toContain('connected');
      await expectPage(await browser.post('/oauth/device', [...form.fields, ['decision', 'authorize']]), 422);
      const answer = await until(
        () => poll(app, device.device_code),
        ({ body }) => body['error'] !== 'slow_down',
        15_000,
      );
      expect(await isLive(app, tokensOf(answer).access)).toBe(true);
      await until(
        () => poll(app, device.device_code),
        ({ body }) => body['error'] === 'invalid_grant',
        15_000,
      );
      expect(await isLive(app, tokensOf(answer).access)).toBe(false);

      const refused = await startDevice(app);
      const no = await deviceForm(browser, refused.user_code);
      await browser.post('/oauth/device', [...no.fields, ['decision', 'cancel']]);
      expect(await poll(app, refused.device_code)).toMatchObject({ status: 400, body: { error: 'access_denied' } });

      const guesser = await signedIn(app, 'demo2');
      const address = someAddress();
      const own = (await guesser.form('/oauth/device')).fields.find(([name]) => name === 'csrf_token')!;
      const statuses: number[] = [];
      for (let guess = 0; guess < 11; guess += 1) {
        const fields = [own, ['user_code', 'BBBB-BBBB']] as const;
        statuses.push((await guesser.post('/oauth/device', fields, { 'x-forwarded-for': address })).status);
      }
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429]);
    },
  },
  {
    no: 52,
    what: 'tokens, codes, verifiers and cookies in logs and error pages',
    gets: 'none of them, at the most talkative level',
    test: async ({ environment }) => {
      const process = await startServiceProcess({ ...environment.variables, LOG_LEVEL: 'trace', NODE_ENV: 'test' });
      const app = { url: process.url, config: { publicUrl: process.url } } as TestApp;
      try {
        const secrets: string[] = [];
        const browser = await new Browser(app).signIn();
        const verifier = newVerifier();
        const { code } = await authorize(app, browser, verifier);
        const tokens = tokensOf(await redeem(app, code, verifier));
        await isLive(app, tokens.access);
        const next = tokensOf(await refresh(app, tokens));
        await postForm(app, '/oauth/revoke', { token: next.refresh, client_id: 'tradecafe-mcp' });
        await redeem(app, code, verifier);
        await isLive(app, next.access);
        const { token } = await mintToken(app);
        await fetch(`${app.url}/mcp?access_token=${token}`, { method: 'POST' });
        const device = await startDevice(app);
        const failing = await browser.request(authorizeUrl(app, verifier, { clientId: tokens.access }));
        expect(await failing.text()).not.toContain(verifier);
        secrets.push(code, verifier, tokens.access, tokens.refresh, next.access, next.refresh, token);
        secrets.push(device.device_code, device.user_code, browser.cookie('auth')!);
        await until(
          () => process.output().split('"msg":"request"').length,
          (lines) => lines > 10,
        );
        for (const secret of secrets) {
          expect(secret.length).toBeGreaterThan(8);
          expect(process.output()).not.toContain(secret);
        }
      } finally {
        await process.kill('SIGTERM');
      }
    },
  },
];
