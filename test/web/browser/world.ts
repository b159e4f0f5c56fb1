import { describe } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { createEnvironment, type DemoName, type Environment, startApp, type TestApp } from '../../support/app.js';
import { launch, NO_CHROMIUM } from './chromium.js';

/** `describe` for what needs a browser; without one it is skipped, and its title says why. */
export function inChromium(title: string, tests: () => void): void {
  if (NO_CHROMIUM === undefined) describe(`${title}, in Chromium`, tests);
  else describe.skip(`${title}: skipped, ${NO_CHROMIUM}`, tests);
}

/** The ways a page is used. */
export const SCRIPT = [
  ['with script', true],
  ['without script', false],
] as const;

/** A service and a browser. */
export class World {
  private constructor(
    private readonly environment: Environment,
    readonly app: TestApp,
    private readonly browser: Browser,
  ) {}

  static async start(): Promise<World> {
    const environment = await createEnvironment();
    const app = await startApp(environment);
    return new World(environment, app, await launch());
  }

  /** The service's own, for states that only time brings. */
  get databaseUrl(): string {
    return this.environment.database.url;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.app.close();
    await this.environment.drop();
  }

  /** A person who was never here, at a browser of their own. */
  async visitor(javaScriptEnabled = true): Promise<Page> {
    const context = await this.browser.newContext({ javaScriptEnabled, baseURL: this.app.config.publicUrl });
    context.setDefaultTimeout(30_000);
    return context.newPage();
  }

  /** A signed-in person at a browser of their own. */
  async signedIn(javaScriptEnabled = true, user: DemoName = 'demo'): Promise<Page> {
    const page = await this.visitor(javaScriptEnabled);
    await page.goto('/settings/tokens');
    await pickUser(page, user);
    await page.waitForURL('**/settings/tokens');
    return page;
  }
}

/** Presses a demo user's button on the login page. */
export function pickUser(page: Page, user: DemoName): Promise<void> {
  return page.locator(`button[name="user"][value="${user}"]`).click();
}

/** Fills the form in and sends it; the new token. */
export async function create(page: Page, name: string): Promise<string> {
  await page.goto('/settings/tokens');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create token' }).click();
  return secretOn(page);
}

/** The token that a page shows. */
export async function secretOn(page: Page): Promise<string> {
  return (await page.locator('#token').textContent()) ?? '';
}
