import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { statusAtMcp } from '../token-pages.js';
import { create, inChromium, SCRIPT, secretOn, World } from './world.js';

inChromium('the flows of the token pages', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop());

  const card = (page: Page, name: string) => page.locator('.token', { hasText: name });

  describe.each(SCRIPT)('%s', (_with, script) => {
    let page: Page;
    beforeAll(async () => {
      page = await world.signedIn(script);
    }, 60_000);
    afterAll(() => page?.context().close());

    it('a token is created, works, and is gone for good on reload', async () => {
      const token = await create(page, `Laptop ${script}`);
      expect(token).toMatch(/^tc_pat_/);
      expect(await statusAtMcp(world.app, token)).toBe(200);
      await page.reload();
      expect(await page.locator('h1').textContent()).toBe('This form was sent before');
      expect(await page.content()).not.toContain(token);
      await page.getByRole('link', { name: 'Rotate it' }).click();
      await page.getByRole('heading', { name: 'A new secret for' }).waitFor();
    });

    it('the way back after creating shows no secret, and says why', async () => {
      const name = `Back ${script}`;
      const token = await create(page, name);
      await page.goBack();
      expect(await page.content()).not.toContain(token);
      await page.goto('/settings/tokens');
      expect(await card(page, name).textContent()).toContain('we keep no copy that could be shown again');

      const second = await create(page, `Left ${script}`);
      await page.getByRole('link', { name: 'Apps' }).click();
      await page.getByRole('heading', { name: 'Connected apps' }).waitFor();
      // Nothing was kept that could be shown: Chromium asks whether to send the form again, and to reload is to say yes.
      await page.goBack().catch(() => undefined);
      await page.waitForURL('chrome-error://**');
      await page.reload();
      expect(await page.locator('h1').textContent()).toBe('This form was sent before');
      expect(await page.content()).not.toContain(second);
      expect(await page.locator('main').textContent()).toContain('was shown once, on the page right after');
    });

    it('pressed twice, the button creates one token', async () => {
      const name = `Twice ${script}`;
      await page.goto('/settings/tokens');
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByRole('button', { name: 'Create token' }).dblclick();
      // Without script the browser drops the first answer: the page then says what became of it.
      const shown = page.locator('#token').or(page.getByText('This form was sent before'));
      await shown.first().waitFor();
      if (script) expect(await secretOn(page)).toMatch(/^tc_pat_/);
      await page.goto('/settings/tokens');
      expect(await card(page, name).count()).toBe(1);
    });

    // Chromium drops the second of two fast clicks by itself: what the page's script does shows by its events only.
    if (script) {
      it('the script lets a form go once, and once more for who comes back to it', async () => {
        await page.goto('/settings/tokens');
        const went = await page.evaluate(() => {
          const form = document.querySelector('.token-form')!;
          const submit = (): boolean => form.dispatchEvent(new Event('submit', { cancelable: true }));
          const before = [submit(), submit(), submit()];
          dispatchEvent(new Event('pageshow'));
          return [...before, submit(), submit()];
        });
        expect(went).toEqual([true, false, false, true, false]);
      });
    }

    it('a token is rotated once, and reloading says where the secret is', async () => {
      const name = `Rotated ${script}`;
      const token = await create(page, name);
      await page.goto('/settings/tokens');
      await page.getByRole('link', { name: `Rotate ${name}` }).click();
      await page.getByLabel('Not at all').check();
      await page.getByRole('button', { name: 'Rotate token' }).click();
      const fresh = await secretOn(page);
      expect([await statusAtMcp(world.app, token), await statusAtMcp(world.app, fresh)]).toEqual([401, 200]);
      await page.reload();
      expect(await page.locator('h1').textContent()).toBe('This token was replaced already');
      expect(await page.content()).not.toContain(fresh);
      await page.getByRole('link', { name: 'To your tokens' }).click();
      expect(await page.getByRole('link', { name: `Revoke ${name}` }).count()).toBe(1);
    });

    it('a token is revoked, after a page that says what stops working', async () => {
      const name = `Revoked ${script}`;
      const token = await create(page, name);
      await page.goto('/settings/tokens');
      await page.getByRole('link', { name: `Revoke ${name}` }).click();
      expect(await page.getByText('See your Trading Pool stakes').count()).toBe(1);
      expect(await statusAtMcp(world.app, token)).toBe(200);
      await page.getByRole('button', { name: 'Revoke token' }).click();
      expect(await page.getByRole('status').textContent()).toContain(`“${name}” is revoked.`);
      expect(await statusAtMcp(world.app, token)).toBe(401);
    });

    it('trading is asked about once more, and given with its limits', async () => {
      const name = `Trades ${script}`;
      await page.goto('/settings/tokens');
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByLabel('Read and trade').check();
      await page.getByText('This token can move real money').waitFor();
      await page.getByLabel('Largest trade').fill('99.50');
      await page.getByRole('button', { name: 'Create token' }).click();
      const error = page.locator('#confirm_write-error');
      expect(await error.textContent()).toContain('Tick this if you mean it');
      expect(await page.getByLabel('Largest trade').inputValue()).toBe('99.50');
      await page.getByLabel('Yes, this token may trade').check();
      await page.getByRole('button', { name: 'Create token' }).click();
      await secretOn(page);
      expect(await page.locator('.lead').textContent()).toContain('approves trades up to 99.50 USDT');
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
  });

  it('freezing from the page that shows a new token leaves that page where it is', async () => {
    const page = await world.signedIn(true, 'demo2');
    const token = await create(page, 'Kept');
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Freeze all trading' }).click();
    await (await opened).getByText('Frozen: nothing can trade').waitFor();
    expect(await secretOn(page)).toBe(token);
    await page.context().close();
  });
});
