import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { DEMO_USER } from '../../../src/config/demo.js';
import { sessionCookieOf } from '../session-of.js';
import { create, inChromium, pickUser, SCRIPT, World } from './world.js';

inChromium('forms that come too late', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop());

  /** As the site's sessions end: the cookie is still there, and no longer good. */
  async function expire(page: Page): Promise<void> {
    const [name, value] = (await sessionCookieOf(world.app, DEMO_USER.id, -60, -1)).split('=', 2);
    await page.context().addCookies([{ name: name!, value: value!, url: world.app.config.publicUrl }]);
  }

  async function fillForm(page: Page, name: string): Promise<void> {
    await page.goto('/settings/tokens');
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('One by one').check();
    await page.locator('input[name="scopes"][value="read:pool"]').uncheck();
    await page.locator('input[name="scopes"][value="write:trades"]').check();
    await page.getByLabel('Largest trade').fill('12.5');
    await page.getByLabel('Ask me each time').check();
    await page.getByLabel('Yes, this token may trade').check();
    await page.getByLabel('On a date').check();
    await page.getByLabel('Its last day').fill('2030-01-31');
  }

  /** All that was typed is there; both second thoughts have to be said again. */
  async function expectTyped(page: Page, name: string): Promise<void> {
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe(name);
    expect(await page.getByLabel('One by one').isChecked()).toBe(true);
    expect(await page.locator('input[name="scopes"][value="read:pool"]').isChecked()).toBe(false);
    expect(await page.locator('input[name="scopes"][value="write:trades"]').isChecked()).toBe(true);
    expect(await page.getByLabel('Largest trade').inputValue()).toBe('12.5');
    expect(await page.getByLabel('Ask me each time').isChecked()).toBe(true);
    expect(await page.getByLabel('Yes, this token may trade').isChecked()).toBe(false);
    expect(await page.getByLabel('On a date').isChecked()).toBe(true);
    expect(await page.getByLabel('Its last day').inputValue()).toBe('2030-01-31');
  }

  describe.each(SCRIPT)('%s', (_with, script) => {
    let page: Page;
    beforeAll(async () => {
      page = await world.signedIn(script);
    }, 60_000);
    afterAll(() => page?.context().close());

    it('creating: nothing typed is lost when the session has ended', async () => {
      const name = `Late <b>"${script}"</b> 👩‍💻`;
      await fillForm(page, name);
      await expire(page);
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('You are not signed in.').waitFor();
      await page.getByRole('link', { name: 'Sign in' }).click();
      await pickUser(page, 'demo');
      await page.getByText('Nothing was created yet.').waitFor();
      await expectTyped(page, name);
      await page.getByLabel('Yes, this token may trade').check();
      await page.getByRole('button', { name: 'Create token' }).click();
      expect(await page.locator('h1').textContent()).toBe(name);
    });

    it('rotating: the choice is kept', async () => {
      const name = `Late rotation ${script}`;
      await create(page, name);
      await page.goto('/settings/tokens');
      await page.getByRole('link', { name: `Rotate ${name}` }).click();
      await page.getByLabel('One day').check();
      await expire(page);
      await page.getByRole('button', { name: 'Rotate token' }).click();
      await page.getByRole('link', { name: 'Sign in' }).click();
      await pickUser(page, 'demo');
      await page.getByRole('heading', { name: `A new secret for ${name}` }).waitFor();
      expect(await page.getByLabel('One day').isChecked()).toBe(true);
      await page.getByRole('button', { name: 'Rotate token' }).click();
      await page.getByText('The old one works until').waitFor();
    });

    it('filtering: the filter is kept', async () => {
      await page.goto('/settings/activity');
      await page.getByText('Filter', { exact: true }).click();
      await page.getByLabel('Outcome').selectOption('Refused');
      await page.getByLabel('Tool').selectOption('close_position');
      await page.getByLabel('From (UTC)').fill('2026-01-31');
      await expire(page);
      await page.getByRole('button', { name: 'Show these' }).click();
      await pickUser(page, 'demo');
      await page.waitForURL('**/settings/activity?**');
      expect(await page.getByLabel('Outcome').inputValue()).toBe('denied');
      expect(await page.getByLabel('Tool').inputValue()).toBe('close_position');
      expect(await page.getByLabel('From (UTC)').inputValue()).toBe('2026-01-31');
    });

    it('freezing: leads back to the page where the switch was pressed', async () => {
      await page.goto('/settings/apps');
      await expire(page);
      await page.getByRole('button', { name: 'Freeze all trading' }).click();
      await page.getByText('You are not signed in.').waitFor();
      await page.getByRole('link', { name: 'Sign in' }).click();
      await pickUser(page, 'demo');
      await page.waitForURL('**/settings/apps');
      await page.getByText('Trading is on').waitFor();
    });

    it('two tabs as two users: the older form does nothing in the name of the newer one', async () => {
      const name = `Two tabs ${script}`;
      await fillForm(page, name);
      const other = await page.context().newPage();
      await other.goto('/settings/tokens');
      await other.getByRole('button', { name: 'Sign out' }).click();
      await pickUser(other, 'demo2');
      await other.getByText('second_demo_user').waitFor();

      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('This form is out of date.').waitFor();
      expect(await page.locator('main').textContent()).toContain('csrf_failed');
      await page.getByRole('link', { name: 'Open the form again' }).click();
      await expectTyped(page, name);
      expect(await page.locator('.person').textContent()).toContain('second_demo_user');
      expect(await page.locator('.token', { hasText: name }).count()).toBe(0);

      await page.getByRole('button', { name: 'Sign out' }).click();
      await pickUser(page, 'demo');
      await page.waitForURL('**/settings/tokens');
      expect(await page.locator('.token', { hasText: name }).count()).toBe(0);
      await other.close();
    });

    it('a form from before somebody signed in anew works after one more look', async () => {
      const name = `Stale ${script}`;
      await fillForm(page, name);
      const other = await page.context().newPage();
      await other.goto('/login');
      // The sign-in's second has to change: two sessions of one second are one.
      await other.waitForTimeout(1_100);
      await pickUser(other, 'demo');
      await other.waitForURL('**/settings/tokens');
      await other.close();
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByText('This form is out of date.').waitFor();
      await page.getByRole('link', { name: 'Open the form again' }).click();
      await expectTyped(page, name);
      await page.getByLabel('Yes, this token may trade').check();
      await page.getByRole('button', { name: 'Create token' }).click();
      expect(await page.locator('h1').textContent()).toBe(name);
    });
  });
});
