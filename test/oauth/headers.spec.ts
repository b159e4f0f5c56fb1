import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser } from './support/browser.js';
import { authorizeUrl, newVerifier, postForm } from './support/flow.js';

let environment: Environment;
let app: TestApp;
let browser: Browser;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  browser = await new Browser(app).signIn();
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

/** Every page of the authorization server, by what leads there. */
const PAGES: Readonly<Record<string, () => Promise<Response>>> = {
  'the sign-in': () => new Browser(app).open(authorizeUrl(app, newVerifier())),
  'the consent': () => browser.open(authorizeUrl(app, newVerifier())),
  'the consent, sent back': async () => {
    const page = await browser.form(authorizeUrl(app, newVerifier()));
    const fields = page.fields.filter(([name]) => name !== 'scopes');
    return browser.post(page.action, [...fields, ['decision', 'authorize']]);
  },
  'a consent that is over': () => browser.request('/oauth/interaction/over'),
  'a consent without a session': () => new Browser(app).post('/oauth/interaction/over', []),
  'a refused authorization': () => browser.request('/oauth/authorize?client_id=nobody'),
  'the code of a device': () => browser.request('/oauth/device'),
  'a wrong code': async () => {
    const { fields } = await browser.form('/oauth/device');
    return browser.post('/oauth/device', [...fields, ['user_code', 'BBBB-BBBB']]);
  },
  'the question for a device': deviceQuestion,
  'the end of a device': async () => {
    const page = await browser.read(await deviceQuestion());
    return browser.post(page.action, [...page.fields, ['decision', 'cancel']]);
  },
};

async function deviceQuestion(): Promise<Response> {
  const { body } = await postForm(app, '/oauth/device_authorization', { client_id: 'tradecafe-mcp' });
  const { fields } = await browser.form(`/oauth/device?user_code=${String(body['user_code'])}`);
  return browser.post('/oauth/device', fields);
}

it.each(Object.entries(PAGES))('%s is a page with the headers that keep it to itself', async (_page, lead) => {
  const { headers } = await lead();
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  // no-referrer would turn the Origin of our own forms into `null`, which is refused.
  expect(headers.get('referrer-policy')).toBe('same-origin');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  const policy = headers.get('content-security-policy')!;
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    expect(policy).toContain(rule);
  }
  expect(policy).not.toContain('unsafe');
});

it('the redirects on the way, and the answers to programs, tell nobody where they came from', async () => {
  const page = await browser.form(authorizeUrl(app, newVerifier()));
  const resume = await browser.post(page.action, [...page.fields, ['decision', 'authorize']]);
  expect(resume.headers.get('cache-control')).toBe('no-store');
  const toClient = await browser.request(resume.headers.get('location')!);
  expect(toClient.status).toBe(303);
  // Its address holds the code.
  expect(toClient.headers.get('referrer-policy')).toBe('no-referrer');
  expect(toClient.headers.get('cache-control')).toBe('no-store');
  const begun = await browser.request(authorizeUrl(app, newVerifier()));
  expect(begun.headers.get('referrer-policy')).toBe('no-referrer');
  const { headers } = await postForm(app, '/oauth/token', { grant_type: 'refresh_token', client_id: 'tradecafe-mcp' });
  expect(headers.get('cache-control')).toBe('no-store');
});
