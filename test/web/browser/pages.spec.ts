import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../../support/app.js';
import { launch, NO_CHROMIUM } from './chromium.js';

const suite = NO_CHROMIUM === undefined ? describe : describe.skip;

let environment: Environment;
let app: TestApp;
let browser: Browser;

beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  environment = await createEnvironment();
  app = await startApp(environment);
  browser = await launch();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await app?.close();
  await environment?.drop();
});

/** A signed-in person at a browser of their own. */
async function signedIn(javaScriptEnabled: boolean, user = 'demo'): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled, baseURL: app.config.publicUrl });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await page.goto('/settings/tokens');
  await page.locator(`button[name="user"][value="${user}"]`).click();
  await page.waitForURL('**/settings/tokens');
  return page;
}

/** Fills the form in and sends it; the new token. */
async function create(page: Page, name: string): Promise<string> {
  await page.goto('/settings/tokens');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create token' }).click();
  return (await page.locator('#token').textContent()) ?? '';
}

async function statusAtMcp(token: string): Promise<number> {
  const { status } = await fetch(`${app.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return status;
}

suite(`in Chromium${NO_CHROMIUM === undefined ? '' : `: skipped, ${NO_CHROMIUM}`}`, () => {
  describe.each([
    ['with script', true],
    ['without script', false],
  ])('%s', (_with, script) => {
    let page: Page;

    beforeAll(async () => {
      page = await signedIn(script);
    }, 60_000);
    afterAll(() => page?.context().close());

    it('a token is created, works, and is gone for good on reload and on the way back', async () => {
      const name = `Laptop ${script}`;
      const token = await create(page, name);
      expect(token).toMatch(/^tc_pat_/);
      expect(await statusAtMcp(token)).toBe(200);
      await page.reload();
      expect(await page.locator('h1').textContent()).toBe('This form was sent before');
      expect(await page.content()).not.toContain(token);
      await page.goto('/settings/tokens');
      const card = page.locator('.token', { hasText: name });
      expect(await card.count()).toBe(1);
      expect(await card.textContent()).toContain('we keep no copy that could be shown again');
    });

    it('a token is rotated and revoked', async () => {
      const name = `Rotated ${script}`;
      const token = await create(page, name);
      await page.goto('/settings/tokens');
      await page.getByRole('link', { name: `Rotate ${name}` }).click();
      await page.getByLabel('Not at all').check();
      await page.getByRole('button', { name: 'Rotate token' }).click();
      const fresh = (await page.locator('#token').textContent()) ?? '';
      expect([await statusAtMcp(token), await statusAtMcp(fresh)]).toEqual([401, 200]);
      await page.getByRole('link', { name: 'I have saved it' }).click();
      await page.getByRole('link', { name: `Revoke ${name}` }).click();
      await page.getByRole('button', { name: 'Revoke token' }).click();
      expect(await page.getByRole('status').textContent()).toContain('is revoked');
      expect(await statusAtMcp(fresh)).toBe(401);
    });

    it('all trading is frozen and resumed with one press each, from every settings page', async () => {
      for (const path of ['/settings/tokens', '/settings/apps', '/settings/activity']) {
        await page.goto(path);
        await page.getByRole('button', { name: 'Freeze all trading' }).click();
        await page.getByText('Frozen: nothing can trade').waitFor();
        expect(new URL(page.url()).pathname).toBe(path);
        await page.getByRole('button', { name: 'Resume trading' }).click();
        await page.getByText('Trading is on').waitFor();
      }
    });

    it('keyboard alone creates a token', async () => {
      await page.goto('/settings/tokens');
      await page.getByLabel('Name', { exact: true }).focus();
      await page.keyboard.type(`Keys ${script}`);
      await page.keyboard.press('Enter');
      expect(await page.locator('#token').textContent()).toMatch(/^tc_pat_/);
    });
  });

  it('shows live which tools the chosen permissions open', async () => {
    const page = await signedIn(true);
    const rows = page.locator('.tool-list li:visible');
    expect(await rows.count()).toBe(8);
    await page.getByLabel('Read and trade').check();
    expect(await rows.count()).toBe(10);
    await page.getByLabel('One by one').check();
    for (const box of await page.locator('input[name="scopes"]').all()) await box.uncheck();
    expect(await rows.count()).toBe(0);
    await page.locator('input[name="scopes"][value="read:pool"]').check();
    expect(await rows.allTextContents()).toEqual([expect.stringContaining('get_pool_status')]);
    await page.context().close();
  });

  it('tests the new token with a real call, and shows the reason when it fails', async () => {
    const page = await signedIn(true);
    const token = await create(page, 'Tried');
    const result = page.locator('output');
    await page.getByRole('button', { name: 'Test it now' }).click();
    await result.getByText('It works. This token opens 8 tools').waitFor();
    const other = await page.context().newPage();
    await other.goto('/settings/tokens');
    await other.getByRole('link', { name: 'Revoke Tried' }).click();
    await other.getByRole('button', { name: 'Revoke token' }).click();
    expect(await statusAtMcp(token)).toBe(401);
    await page.getByRole('button', { name: 'Test it now' }).click();
    await result.getByText('Refused (401)').waitFor();
    await page.context().close();
  });

  it('freezing from the page that shows a new token leaves that page where it is', async () => {
    const page = await signedIn(true, 'demo2');
    const token = await create(page, 'Kept');
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Freeze all trading' }).click();
    await (await opened).getByText('Frozen: nothing can trade').waitFor();
    expect(await page.locator('#token').textContent()).toBe(token);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing serious on any page in the %s theme',
    async (colorScheme) => {
      const page = await signedIn(true);
      const { id } = await mintToken(app, { name: `Looked at ${colorScheme}` });
      await page.emulateMedia({ colorScheme });
      const paths = [
        '/login',
        '/docs',
        '/settings/tokens',
        `/settings/tokens/${id}/rotate`,
        `/settings/tokens/${id}/revoke`,
        '/settings/apps',
        '/settings/activity?outcome=ok',
        '/settings/nothing',
      ];
      for (const path of paths) {
        await page.goto(path);
        expect([path, await seriousFindings(page)]).toEqual([path, []]);
      }
      await create(page, `Created ${colorScheme}`);
      expect(await seriousFindings(page)).toEqual([]);
      await page.goto('/settings/tokens');
      await page.getByLabel('Read and trade').check();
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByRole('alert').waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  it('axe would find a field without its label', async () => {
    const page = await signedIn(true);
    await page.evaluate(`document.querySelector('label[for="name"]').remove()`);
    expect(await seriousFindings(page)).toContain('label #name');
    await page.context().close();
  });

  it('no page is wider than a small telephone', async () => {
    const page = await signedIn(true);
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of ['/login', '/docs', '/settings/tokens', '/settings/apps', '/settings/activity']) {
      await page.goto(path);
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect([path, width]).toEqual([path, 360]);
    }
    await page.context().close();
  });
});

/** What axe calls serious or critical: rule and place. The page's own policy would not let its script in. */
async function seriousFindings(page: Page): Promise<string[]> {
  const context: BrowserContext = page.context();
  const session = await context.newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe.source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run().then(({ violations }) => JSON.stringify(violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' ' + target.join(' ')))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return JSON.parse(String(result.value)) as string[];
}
