import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { sessionFetch } from '../../support/app.js';
import { create, inChromium, SCRIPT, secretOn, World } from './world.js';

const NAMES = [
  `<img src=x onerror="document.title='run'">`,
  `"><script>alert(1)</script>`,
  'דוח של הבוט (1)',
  'لپ‌تاپ من',
  'Bot 👩‍💻 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ☕️',
  'W'.repeat(60),
];

inChromium('names', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop());

  describe.each(SCRIPT)('%s', (_with, script) => {
    let page: Page;
    const dialogs: string[] = [];
    beforeAll(async () => {
      page = await world.signedIn(script);
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.setViewportSize({ width: 360, height: 740 });
    }, 60_000);
    afterAll(() => page?.context().close());

    it.each(NAMES)('%s is the same text on every page of its token, and nothing else', async (given) => {
      const name = script ? given : given.toLowerCase().slice(0, -1);
      const shown = async (locator: string): Promise<void> => {
        expect(await page.locator(locator, { hasText: name }).first().innerText()).toBe(name);
        expect(await page.locator('img, main script').count()).toBe(0);
        expect(await page.title()).not.toBe('run');
        const [width, inner] = [await widthOf(page), 360];
        expect([page.url(), width]).toEqual([page.url(), inner]);
      };
      await create(page, name);
      await shown('h1 bdi');
      await page.goto('/settings/tokens');
      await shown('.token h3 bdi');
      const own = page.locator('.token', { has: page.locator('h3 bdi').getByText(name, { exact: true }) });
      await own.getByRole('link', { name: 'Rotate' }).click();
      await shown('h1 bdi');
      await page.getByRole('link', { name: 'Leave it' }).click();
      await own.getByRole('link', { name: 'Revoke' }).click();
      await shown('h1 bdi');
      await page.getByRole('button', { name: 'Revoke token' }).click();
      expect(await page.getByRole('status').innerText()).toContain(`“${name}” is revoked.`);
      expect(dialogs).toEqual([]);
    });

    it('a second one of a name is pointed out, and made when that is meant', async () => {
      const name = `Twin ${script}`;
      await create(page, name);
      await page.goto('/settings/tokens');
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByLabel('365 days').check();
      await page.getByRole('button', { name: 'Create token' }).click();
      expect(await page.locator('#confirm_name-error').textContent()).toContain('has that name already');
      expect(await page.getByLabel('365 days').isChecked()).toBe(true);
      await page.getByLabel('Yes, a second one of this name').check();
      await page.getByRole('button', { name: 'Create token' }).click();
      expect(await secretOn(page)).toMatch(/^tc_pat_/);
      await page.goto('/settings/tokens');
      expect(await page.locator('.token', { hasText: name }).count()).toBe(2);
    });

    it('everything wrong at once is said beside each field, and what was typed stays', async () => {
      await page.goto('/settings/tokens');
      const name = page.getByLabel('Name', { exact: true });
      await name.fill('x'.repeat(61));
      await page.getByLabel('One by one').check();
      for (const box of await page.locator('input[name="scopes"]').all()) await box.uncheck();
      await page.locator('input[name="scopes"][value="write:trades"]').check();
      await page.getByLabel('Largest trade').fill('1.000,50');
      await page.getByLabel('On a date').check();
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByRole('alert').waitFor();
      const beside = await page.locator('.field-error').all();
      const errors = await Promise.all(beside.map((error) => error.getAttribute('id')));
      expect(errors).toEqual(['name-error', 'max_trade_usdt-error', 'confirm_write-error', 'expires_on-error']);
      expect(await name.inputValue()).toBe('x'.repeat(61));
      expect(await page.getByLabel('Largest trade').inputValue()).toBe('1.000,50');
      expect(await page.getByLabel('On a date').isChecked()).toBe(true);
      // Beside its field for who does not see it, too.
      for (const field of ['#name', '#max_trade_usdt', '#expires_on'])
        expect(await page.locator(field).getAttribute('aria-describedby')).toContain(`${field.slice(1)}-error`);
    });
  });

  it('the fifty-first token is refused with what to do, and made once there is room', async () => {
    const call = await sessionFetch(world.app, 'demo2');
    for (let live = 0; live < 50; live++)
      expect((await call('POST', '/v1/tokens', { name: `n${live}`, scopes: ['read:pool'] })).status).toBe(201);
    const page = await world.signedIn(true, 'demo2');
    await page.getByLabel('Name', { exact: true }).fill('One too many');
    await page.getByRole('button', { name: 'Create token' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Revoke a token that you no longer use');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('One too many');
    await page.getByRole('link', { name: 'Revoke n7', exact: true }).click();
    await page.getByRole('button', { name: 'Revoke token' }).click();
    await create(page, 'One too many');
    await page.context().close();
  }, 120_000);
});

function widthOf(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth');
}
