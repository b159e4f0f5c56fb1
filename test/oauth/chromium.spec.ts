import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { authorizeUrl, newVerifier, redeem, tokensOf } from './support/flow.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

let environment: Environment;
let app: TestApp;
let browser: Browser;
/** The client's loopback listener: what a browser reaches when the page's policy lets it. */
let listener: Server;
const callbacks: URL[] = [];

beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  environment = await createEnvironment();
  app = await startApp(environment);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  listener = createServer((request, response) => {
    if (request.url!.startsWith('/callback')) callbacks.push(new URL(request.url!, 'http://127.0.0.1'));
    response.setHeader('content-type', 'text/html').end('<h1>Back at the client</h1>');
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
}, 60_000);
afterAll(async () => {
  listener?.close();
  await browser?.close();
  await app?.close();
  await environment?.drop();
});

const inChromium = CHROMIUM === undefined ? describe.skip : describe;

inChromium.each([
  ['with script', true],
  ['without script', false],
])('the consent page in Chromium, %s', (_what, javaScriptEnabled) => {
  it('leads from the sign-in to the client, with the boxes as they were ticked', async () => {
    const context = await browser.newContext({ javaScriptEnabled });
    try {
      const page = await context.newPage();
      const redirectUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
      const verifier = newVerifier();
      const url = authorizeUrl(app, verifier, { redirectUri, scope: 'read:account read:signals write:trades' });
      await page.goto(`${app.config.publicUrl}${url}`);
      await page.getByRole('button', { name: /^Demo user/ }).click();
      await page.getByRole('heading', { name: /wants to use your TradeCafe account/ }).waitFor();
      expect(await page.getByText('trade with your real money').count()).toBe(1);
      await page.getByLabel('See trading signals').uncheck();
      await page.getByLabel('Largest trade it may approve').fill('100');
      await page.getByRole('button', { name: 'Authorize' }).click();
      await page.getByRole('heading', { name: 'Back at the client' }).waitFor();
      const code = callbacks.at(-1)!.searchParams.get('code')!;
      const tokens = tokensOf(await redeem(app, code, verifier, { redirect_uri: redirectUri }));
      expect(tokens.scope).toBe('read:account write:trades');

      await page.goto(`${app.config.publicUrl}${authorizeUrl(app, newVerifier(), { redirectUri })}`);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('heading', { name: 'Back at the client' }).waitFor();
      expect(callbacks.at(-1)!.searchParams.get('error')).toBe('access_denied');
    } finally {
      await context.close();
    }
  }, 60_000);
});
