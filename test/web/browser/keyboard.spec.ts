import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authorizeUrl, newVerifier } from '../../oauth/support/flow.js';
import { statusAtMcp } from '../token-pages.js';
import { inChromium, SCRIPT, secretOn, World } from './world.js';

const MOST_TABS = 80;

/** Presses Tab until the focus is there; fails when it never comes. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const wanted = page.locator(`${selector}:focus`);
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if ((await wanted.count()) === 1) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

/** What the focused element looks like around it; a focus that nobody sees is none. */
function outline(page: Page): Promise<unknown> {
  return page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
}

inChromium('the keyboard alone', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop());

  describe.each(SCRIPT)('%s', (_with, script) => {
    let page: Page;
    let token: string;
    const name = `Keys ${script}`;
    beforeAll(async () => {
      page = await world.visitor(script);
    }, 60_000);
    afterAll(() => page?.context().close());

    it('signs in', async () => {
      await page.goto('/settings/tokens');
      await tabTo(page, 'button[value="demo"]');
      expect(await outline(page)).toBe('solid');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/settings/tokens');
    });

    it('skips what every page begins with', async () => {
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').textContent()).toBe('Skip to content');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await page.locator('main :focus').count()).toBe(1);
    });

    it('creates a token that may trade', async () => {
      await page.goto('/settings/tokens');
      await tabTo(page, '#name');
      await page.keyboard.type(name);
      await tabTo(page, 'input[name="preset"]');
      await page.keyboard.press('ArrowDown');
      expect(await page.locator('input[name="preset"][value="trade"]').isChecked()).toBe(true);
      await tabTo(page, '#max_trade_usdt');
      expect(await outline(page)).toBe('solid');
      await page.keyboard.type('250');
      await tabTo(page, 'input[name="confirm_write"]');
      await page.keyboard.press('Space');
      await tabTo(page, 'button:text("Create token")');
      await page.keyboard.press('Enter');
      token = await secretOn(page);
      expect(await page.locator('.lead').textContent()).toContain('approves trades up to 250 USDT');
      expect(await statusAtMcp(world.app, token)).toBe(200);
    });

    it('sends the form with Enter in a field, too: that creates, and does not only show', async () => {
      await page.goto('/settings/tokens');
      await tabTo(page, '#name');
      await page.keyboard.type(`Enter ${script}`);
      await page.keyboard.press('Enter');
      expect(await secretOn(page)).toMatch(/^tc_pat_/);
    });

    it('revokes it', async () => {
      await page.goto('/settings/tokens');
      await tabTo(page, `a[aria-label="Revoke ${name}"]`);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: `Revoke ${name}?` }).waitFor();
      await tabTo(page, 'button:text("Revoke token")');
      await page.keyboard.press('Enter');
      await page.getByText(`“${name}” is revoked.`).waitFor();
      expect(await statusAtMcp(world.app, token)).toBe(401);
    });

    it('freezes all trading, and resumes it', async () => {
      await page.goto('/settings/apps');
      await tabTo(page, 'button:text("Freeze all trading")');
      await page.keyboard.press('Enter');
      await page.getByText('Frozen: nothing can trade').waitFor();
      await tabTo(page, 'button:text("Resume trading")');
      await page.keyboard.press('Enter');
      await page.getByText('Trading is on').waitFor();
    });

    it('answers an app that asks, with less than it asked for', async () => {
      await page.goto(authorizeUrl(world.app, newVerifier(), { scope: 'read:account write:trades' }));
      await tabTo(page, 'input[name="scopes"][value="write:trades"]');
      await page.keyboard.press('Space');
      expect(await page.locator('input[name="scopes"]:checked').count()).toBe(1);
      await tabTo(page, 'button[value="authorize"]');
      expect(await outline(page)).toBe('solid');
      // Nobody listens at the app's own address: that the browser goes there is all that there is to see.
      const callback = page.waitForRequest((request) => request.url().includes('/callback?code='));
      await page.keyboard.press('Enter');
      await callback;
    });
  });
});
