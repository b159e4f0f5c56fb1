import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ALL_SCOPES } from '../../../src/auth/scopes.js';
import { TOOLS } from '../../../src/tools/registry.js';
import { inChromium, SCRIPT, World } from './world.js';

inChromium('the list of tools on the form', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop());

  const visibleTools = (page: Page): Promise<string[]> =>
    page.locator('.tool-list li:visible > code:first-child').allTextContents();
  const toolsOf = (scopes: readonly string[]): string[] =>
    TOOLS.filter(({ scope }) => scopes.includes(scope)).map(({ name }) => name);
  const approving = (page: Page) => page.locator('.tool-list li', { hasText: 'approve_pending_trade' });

  describe.each(SCRIPT)('%s', (_with, script) => {
    let page: Page;
    beforeAll(async () => {
      page = await world.signedIn(script);
    }, 60_000);
    afterAll(() => page?.context().close());

    it('is what the chosen permissions open, while they are chosen', async () => {
      const reads = ALL_SCOPES.filter((scope) => scope.startsWith('read:'));
      expect(await visibleTools(page)).toEqual(toolsOf(reads));
      await page.getByLabel('Read and trade').check();
      expect(await visibleTools(page)).toEqual(toolsOf(ALL_SCOPES));
      await page.getByLabel('One by one').check();
      for (const box of await page.locator('input[name="scopes"]').all()) await box.uncheck();
      expect(await visibleTools(page)).toEqual([]);
      for (const scope of ALL_SCOPES) {
        const box = page.locator(`input[name="scopes"][value="${scope}"]`);
        await box.check();
        expect([scope, await visibleTools(page)]).toEqual([scope, toolsOf([scope])]);
        await box.uncheck();
      }
    });

    it('proposes ninety days, and warns of a token that never expires', async () => {
      expect(await page.getByLabel('90 days').isChecked()).toBe(true);
      const warning = page.getByText('A token that never expires');
      expect(await warning.isVisible()).toBe(false);
      await page.getByLabel('Never').check();
      expect(await warning.isVisible()).toBe(true);
      expect(await page.getByLabel('Its last day').isVisible()).toBe(false);
      await page.getByLabel('On a date').check();
      expect([await warning.isVisible(), await page.getByLabel('Its last day').isVisible()]).toEqual([false, true]);
    });

    it('says when a person is asked each time', async () => {
      await page.getByLabel('Read and trade').check();
      const clause = approving(page).getByText('what you do not confirm in your client');
      expect(await clause.isVisible()).toBe(false);
      await page.getByLabel('Ask me each time').check();
      expect(await clause.isVisible()).toBe(true);
    });
  });

  it('counts, and names the amount as it is typed', async () => {
    const page = await world.signedIn(true);
    expect(await page.locator('[data-tool-count]').textContent()).toBe('This token will see 8 of 10 tools');
    await page.getByLabel('Read and trade').check();
    expect(await page.locator('[data-tool-count]').textContent()).toBe('This token will see 10 of 10 tools');
    const text = () => approving(page).locator('span').first().innerText();
    expect(await text()).not.toContain('trades above');
    for (const [typed, shown] of [
      ['500', 'trades above 500 USDT,'],
      ['99.5', 'trades above 99.5 USDT,'],
      ['1,5', 'trades above the largest one that you set,'],
    ] as const) {
      await page.getByLabel('Largest trade').fill(typed);
      expect(await text()).toContain(shown);
    }
    await page.getByLabel('Largest trade').fill('');
    expect(await text()).not.toContain('trades above');
    expect(await page.getByRole('button', { name: 'Show what it would open' }).count()).toBe(0);
    await page.context().close();
  });

  it('without script says it on request, the amount as it was typed, and creates nothing', async () => {
    const page = await world.signedIn(false);
    await page.getByLabel('Name', { exact: true }).fill('Only asking');
    await page.getByLabel('Read and trade').check();
    await page.getByLabel('Largest trade').fill('500');
    await page.getByRole('button', { name: 'Show what it would open' }).click();
    const notice = page.locator('.notice', { hasText: 'Nothing was created yet.' });
    expect(await notice.textContent()).toContain('this token would see 10 of 10 tools');
    expect(await notice.textContent()).toContain('approvals above 500 USDT');
    expect(await page.getByLabel('Largest trade').inputValue()).toBe('500');
    expect(await page.locator('.token', { hasText: 'Only asking' }).count()).toBe(0);
    await page.context().close();
  });
});
