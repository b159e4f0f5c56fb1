import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { seriousFindings } from '../web/browser/axe.js';
import { launch, NO_CHROMIUM } from '../web/browser/chromium.js';
import { authorizeUrl, type FlowOptions, newVerifier, postForm, redeem, register, tokensOf } from './support/flow.js';

const suite = NO_CHROMIUM === undefined ? describe : describe.skip;
const WRITES = 'read:account read:signals write:trades';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

let environment: Environment;
let app: TestApp;
/** The same service, where no session is young enough to hand out trading. */
let strict: TestApp;
let browser: Browser;
/** The client's loopback listener: what a browser reaches when the page's policy lets it. */
let listener: Server;
let redirectUri: string;
const callbacks: URL[] = [];

beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  environment = await createEnvironment();
  app = await startApp(environment);
  strict = await startApp(environment, { WRITE_GRANT_MAX_SESSION_AGE: '0s' });
  browser = await launch();
  listener = createServer((request, response) => {
    if (request.url!.startsWith('/callback')) callbacks.push(new URL(request.url!, 'http://127.0.0.1'));
    response.setHeader('content-type', 'text/html').end('<h1>Back at the client</h1>');
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  redirectUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
}, 60_000);
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});
afterAll(async () => {
  listener?.close();
  await browser?.close();
  await app?.close();
  await strict?.close();
  await environment?.drop();
});

async function newPage(javaScriptEnabled = true, of = app): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled, baseURL: of.config.publicUrl });
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

const signIn = (page: Page) => page.getByRole('button', { name: /^Demo user/ }).click();
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const focusedName = (page: Page) => page.locator(':focus').getAttribute('name');
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

/** Has a client ask; the verifier for what comes back. */
async function ask(page: Page, options: FlowOptions = {}, of = app): Promise<string> {
  const verifier = newVerifier();
  await page.goto(authorizeUrl(of, verifier, { redirectUri, ...options }));
  return verifier;
}

async function tokensFor(verifier: string, clientId = 'tradecafe-mcp') {
  const code = callbacks.at(-1)!.searchParams.get('code')!;
  return tokensOf(await redeem(app, code, verifier, { redirect_uri: redirectUri, client_id: clientId }), clientId);
}

async function startDevice(scope = 'read:account') {
  const { body } = await postForm(app, '/oauth/device_authorization', { client_id: 'tradecafe-mcp', scope });
  return body as Record<'device_code' | 'user_code' | 'verification_uri_complete', string>;
}

suite(`in Chromium${NO_CHROMIUM === undefined ? '' : `: skipped, ${NO_CHROMIUM}`}`, () => {
  describe.each([
    ['with script', true],
    ['without script', false],
  ])('%s', (_with, script) => {
    it('the consent page leads from the sign-in to the client, with the boxes as they were ticked', async () => {
      const page = await newPage(script);
      const verifier = await ask(page, { scope: WRITES });
      await signIn(page);
      await heading(page, /wants to use your TradeCafe account/);
      expect(await page.getByText('trade with your real money').count()).toBe(1);
      await page.getByLabel('See trading signals').uncheck();
      await page.getByLabel('Largest trade it may approve').fill('100');
      await press(page, 'Authorize');
      await heading(page, 'Back at the client');
      expect((await tokensFor(verifier)).scope).toBe('read:account write:trades');

      await ask(page);
      await press(page, 'Cancel');
      await heading(page, 'Back at the client');
      expect(callbacks.at(-1)!.searchParams.get('error')).toBe('access_denied');
    }, 90_000);

    it('a wrong form comes back with its values and the focus where it is wrong, and is mended there', async () => {
      const page = await newPage(script);
      const verifier = await ask(page, { scope: WRITES });
      await signIn(page);
      await page.getByLabel('See trading signals').uncheck();
      await page.getByLabel('Ask me in the app before each trade').check();
      await page.getByLabel('Largest trade it may approve').fill('1,000');
      // The first button of the form is its yes.
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      expect(await page.title()).toMatch(/^Error: /);
      expect(await focusedName(page)).toBe('max_trade_usdt');
      expect(await page.getByLabel('See trading signals').isChecked()).toBe(false);
      expect(await page.getByLabel('Ask me in the app before each trade').isChecked()).toBe(true);
      await page.keyboard.press('Control+A');
      await page.keyboard.type('1000');
      for (const box of await page.locator('input[name="scopes"]').all()) await box.uncheck();
      await press(page, 'Authorize');
      await page.getByText('Tick at least one permission').waitFor();
      expect(await focusedName(page)).toBe('scopes');
      expect(await page.getByLabel('Largest trade it may approve').inputValue()).toBe('1000');
      // The focus is on the first box.
      await page.keyboard.press('Space');
      await press(page, 'Authorize');
      await heading(page, 'Back at the client');
      expect((await tokensFor(verifier)).scope).toBe('read:account');
    }, 90_000);

    it('who was signed out while reading signs in and finds the form as it was', async () => {
      const page = await newPage(script);
      const verifier = await ask(page, { scope: WRITES });
      await signIn(page);
      await page.getByLabel('See trading signals').uncheck();
      await page.getByLabel('Largest trade it may approve').fill('75.50');
      await page.context().clearCookies({ name: 'auth' });
      await press(page, 'Authorize');
      await page.getByRole('link', { name: 'Sign in', exact: true }).click();
      await signIn(page);
      await heading(page, /wants to use your TradeCafe account/);
      expect(await page.getByLabel('See trading signals').isChecked()).toBe(false);
      expect(await page.getByLabel('Largest trade it may approve').inputValue()).toBe('75.50');
      await press(page, 'Authorize');
      await heading(page, 'Back at the client');
      expect((await tokensFor(verifier)).scope).toBe('read:account write:trades');
    }, 90_000);

    it('an old sign-in allows all but trading, and leads to a new one and back', async () => {
      const page = await newPage(script, strict);
      await ask(page, { scope: WRITES }, strict);
      await signIn(page);
      await heading(page, /wants to use your TradeCafe account/);
      expect(await page.getByLabel('Approve pending trades').isDisabled()).toBe(true);
      const address = page.url();
      await page.getByRole('link', { name: 'Sign in again' }).click();
      await signIn(page);
      await heading(page, /wants to use your TradeCafe account/);
      expect(page.url()).toBe(address);
      await press(page, 'Authorize without trading');
      await heading(page, 'Back at the client');
      expect(callbacks.at(-1)!.searchParams.has('code')).toBe(true);
    }, 90_000);

    it('an app that asks anew is said to have a permission, which ends with the yes', async () => {
      const name = `Assistant ${script}`;
      const { body } = await register(app, { client_name: name, redirect_uris: [redirectUri] });
      const clientId = String(body['client_id']);
      const page = await newPage(script);
      const first = await ask(page, { clientId });
      await signIn(page);
      await press(page, 'Authorize');
      await heading(page, 'Back at the client');
      await tokensFor(first, clientId);
      const second = await ask(page, { clientId });
      expect(await page.getByLabel(/^End the one of/).isChecked()).toBe(true);
      await press(page, 'Authorize');
      await heading(page, 'Back at the client');
      await tokensFor(second, clientId);
      await page.goto('/settings/apps');
      expect(await page.getByRole('heading', { name }).count()).toBe(1);
    }, 90_000);

    // What editors register: a scheme of their own, which Chromium hands to the system, or a loopback name with any port.
    it.each([
      ['cursor://anysphere.cursor-mcp/oauth/callback', undefined],
      ['com.example.app:/oauth2redirect', undefined],
      ['http://localhost/callback', () => redirectUri.replace('127.0.0.1', 'localhost')],
    ] as const)(
      'its answer reaches %s',
      async (registered, used) => {
        const { body } = await register(app, { client_name: 'Editor', redirect_uris: [registered] });
        const clientId = String(body['client_id']);
        const address = used === undefined ? registered : used();
        const refusals: string[] = [];
        for (const [button, outcome] of [
          ['Authorize', 'code'],
          ['Cancel', 'error'],
        ] as const) {
          // A page of its own: Chromium's question whether to open the app stands over the one that led there.
          const page = await newPage(script);
          page.on('console', (message) => {
            if (message.type() === 'error') refusals.push(message.text());
          });
          const verifier = await ask(page, { clientId, redirectUri: address });
          await signIn(page);
          await heading(page, 'Editor wants to use your TradeCafe account');
          // A policy that does not name the place stops the browser before this request.
          const [request] = await Promise.all([
            page.waitForRequest((sent) => sent.url().startsWith(address)),
            press(page, button),
          ]);
          const { searchParams } = new URL(request.url());
          expect([...searchParams.keys()]).toContain(outcome);
          expect(searchParams.get('iss')).toBe(app.config.publicUrl);
          if (outcome === 'error') continue;
          const fields = { redirect_uri: address, client_id: clientId };
          expect((await redeem(app, searchParams.get('code')!, verifier, fields)).status).toBe(200);
        }
        expect(refusals).toEqual([]);
      },
      90_000,
    );

    it('a device is connected: a wrong code, the right one, a question, and the end', async () => {
      const device = await startDevice(WRITES);
      const page = await newPage(script);
      await page.goto('/oauth/device');
      await signIn(page);
      await page.getByLabel('Code').fill('BBBB-BBBB');
      await press(page, 'Continue');
      await page.getByText('That code is not known').waitFor();
      expect(await focusedName(page)).toBe('user_code');
      await page.keyboard.press('Control+A');
      await page.keyboard.type(device.user_code.toLowerCase());
      await page.keyboard.press('Enter');
      await heading(page, /wants to use your TradeCafe account/);
      expect(await page.getByText(device.user_code, { exact: true }).count()).toBe(1);
      await page.getByLabel('Largest trade it may approve').fill('1,000');
      await press(page, 'Authorize');
      await page.getByText('Write an amount above 0').waitFor();
      expect(await focusedName(page)).toBe('max_trade_usdt');
      await page.getByLabel('Largest trade it may approve').fill('1000');
      await press(page, 'Authorize');
      await heading(page, 'The device is connected.');
      const grant = { grant_type: DEVICE_GRANT, client_id: 'tradecafe-mcp', device_code: device.device_code };
      expect((await postForm(app, '/oauth/token', grant)).body).toMatchObject({ scope: WRITES });
    }, 90_000);

    it('a device is refused, by the link that it showed', async () => {
      const device = await startDevice();
      const page = await newPage(script);
      await page.goto(device.verification_uri_complete);
      await signIn(page);
      expect(await page.getByLabel('Code').inputValue()).toBe(device.user_code);
      await press(page, 'Continue');
      await press(page, 'Cancel');
      await heading(page, 'The device was refused.');
      const grant = { grant_type: DEVICE_GRANT, client_id: 'tradecafe-mcp', device_code: device.device_code };
      expect((await postForm(app, '/oauth/token', grant)).body).toMatchObject({ error: 'access_denied' });
    }, 90_000);
  });

  /** Every state of the pages, by what leads there; the states follow one another in one browser. */
  const STATES: readonly (readonly [state: string, lead: (page: Page) => Promise<unknown>])[] = [
    ['consent without trading', (page) => ask(page)],
    ['consent with trading', (page) => ask(page, { scope: WRITES })],
    [
      'consent with a wrong amount',
      async (page) => {
        await page.getByLabel('Largest trade it may approve').fill('1,000');
        await press(page, 'Authorize');
        await page.getByText('Write an amount above 0').waitFor();
      },
    ],
    [
      'consent with nothing ticked',
      async (page) => {
        await ask(page);
        for (const box of await page.locator('input[name="scopes"]').all()) await box.uncheck();
        await press(page, 'Authorize');
        await page.getByText('Tick at least one permission').waitFor();
      },
    ],
    [
      'consent for an unverified app',
      async (page) => {
        const { body } = await register(app, { client_name: 'TradeCafe official', redirect_uris: [redirectUri] });
        await ask(page, { clientId: String(body['client_id']), scope: WRITES });
        await page.getByText('Not verified', { exact: true }).waitFor();
      },
    ],
    [
      'consent for an app that has a permission',
      async (page) => {
        const verifier = await ask(page);
        await press(page, 'Authorize');
        await heading(page, 'Back at the client');
        await tokensFor(verifier);
        await ask(page);
        await page.getByText('It already has').waitFor();
      },
    ],
    ['the code of a device', (page) => page.goto('/oauth/device')],
    [
      'a wrong code',
      async (page) => {
        await page.getByLabel('Code').fill('BBBB-BBBB');
        await press(page, 'Continue');
        await page.getByText('That code is not known').waitFor();
      },
    ],
    [
      'the question for a device',
      async (page) => {
        await page.getByLabel('Code').fill((await startDevice(WRITES)).user_code);
        await press(page, 'Continue');
        await heading(page, /wants to use your TradeCafe account/);
      },
    ],
    [
      'a device that is connected',
      async (page) => {
        await press(page, 'Authorize');
        await heading(page, 'The device is connected.');
      },
    ],
    ['a request that is over', (page) => page.goto('/oauth/interaction/over')],
    ['a request that is not allowed', (page) => page.goto('/oauth/authorize?client_id=nobody')],
  ];

  it.each([
    ['light', 1280],
    ['light', 360],
    ['dark', 1280],
    ['dark', 360],
  ] as const)(
    'axe finds nothing serious in any state, and no page is wider than the window: %s, %d pixels',
    async (colorScheme, width) => {
      const page = await newPage();
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await ask(page);
      await signIn(page);
      for (const [state, lead] of STATES) {
        await lead(page);
        const findings = await seriousFindings(page);
        const shown = await page.evaluate('document.documentElement.scrollWidth');
        expect({ state, findings, shown }).toEqual({ state, findings: [], shown: width });
      }
      const old = await newPage(true, strict);
      await old.setViewportSize({ width, height: 800 });
      await old.emulateMedia({ colorScheme });
      await ask(old, { scope: WRITES }, strict);
      await signIn(old);
      await old.getByText('You signed in too long ago').waitFor();
      expect(await seriousFindings(old)).toEqual([]);
    },
    180_000,
  );
});
