import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { seriousFindings } from './axe.js';
import { tour } from './tour.js';
import { inChromium, World } from './world.js';

const SMALL_TELEPHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };

inChromium('every page, in every state', () => {
  let world: World;
  const names: string[] = [];
  /** Each with the page that it was found on. */
  const found = { light: [] as string[], dark: [] as string[], wide: [] as string[], form: [] as string[] };
  const complaints: string[] = [];

  beforeAll(async () => {
    world = await World.start();
    const page = await world.visitor();
    page.on('console', (message) => {
      // Chromium says so of every answer that is an error, and the tour has many.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    await tour(page, world.app.config.publicUrl, world.databaseUrl, look);
    await page.context().close();
  }, 600_000);
  afterAll(() => world?.stop());

  async function look(page: Page, name: string): Promise<void> {
    names.push(name);
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const finding of await seriousFindings(page)) found[theme].push(`${name}: ${finding}`);
    }
    await page.setViewportSize(SMALL_TELEPHONE);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    if (width !== SMALL_TELEPHONE.width) found.wide.push(`${name}: ${String(width)}`);
    await page.setViewportSize(DESK);
    const [headings, mains] = [await page.locator('h1').count(), await page.locator('main').count()];
    if (headings !== 1 || mains !== 1) found.form.push(`${name}: ${headings} h1, ${mains} main`);
  }

  it('was looked at', () => {
    expect(names.length).toBeGreaterThan(30);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(['light', 'dark'] as const)('axe finds nothing serious in the %s theme', (theme) => {
    expect(found[theme]).toEqual([]);
  });

  it('is no wider than a small telephone', () => {
    expect(found.wide).toEqual([]);
  });

  it('has one heading and one main part', () => {
    expect(found.form).toEqual([]);
  });

  it('breaks no rule of its own, and runs without a mistake', () => {
    expect(complaints).toEqual([]);
  });

  it('axe would find a field without its label', async () => {
    const page = await world.signedIn();
    await page.evaluate(`document.querySelector('label[for="name"]').remove()`);
    expect(await seriousFindings(page)).toContain('label #name');
    await page.context().close();
  }, 60_000);
});
