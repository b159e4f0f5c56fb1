import type { Page } from 'playwright-core';
import { authorizeUrl, callbackOf, connect, newVerifier, redeem, register } from '../../oauth/support/flow.js';
import { Browser } from '../../oauth/support/browser.js';
import { until } from '../../support/until.js';
import { actOfAllSorts } from './activity-of-all-sorts.js';
import { AGED, pass } from './passing-time.js';

/** Called at each page of the tour, in each state that it can be in; the name says which. */
export type Visit = (page: Page, name: string) => Promise<void>;

/** What an app that calls itself whatever it likes may look like. */
const STRANGER = 'TradeCafe’s official assistant for people who like very long names';
const DEAD_ID = '00000000-0000-4000-8000-000000000000';

/**
 * Every page of the settings, of the documentation and of the errors, each as it is empty, full, wrong and done. What a
 * test looks at and what the screenshots show is this one list.
 * @param page of a visitor who is not signed in, at a service that nobody has used; `baseURL` is its address
 * @param databaseUrl of that service's own database
 */
export async function tour(page: Page, base: string, databaseUrl: string, visit: Visit): Promise<void> {
  await strangers(page, visit);
  await emptyPages(page, visit);
  await creating(page, base, visit);
  await names(page, visit);
  await changingTokens(page, visit);
  await agedTokens(page, databaseUrl, visit);
  await apps(page, base, visit);
  await activity(page, visit);
  await freezing(page, databaseUrl, visit);
  await errors(page, visit);
}

async function strangers(page: Page, visit: Visit): Promise<void> {
  await show(page, visit, '/login', 'login');
  await show(page, visit, '/docs', 'docs');
  await show(page, visit, '/nothing', 'error-not-found');
  await show(page, visit, '/mcp', 'error-for-programs');
}

async function emptyPages(page: Page, visit: Visit): Promise<void> {
  await page.goto('/settings/tokens');
  await page.locator('button[name="user"][value="demo"]').click();
  await page.waitForURL('**/settings/tokens');
  for (const name of ['tokens', 'apps', 'activity']) await show(page, visit, `/settings/${name}`, `${name}-empty`);
}

/** Leaves a token that may trade, and that has done all sorts of things. */
async function creating(page: Page, base: string, visit: Visit): Promise<void> {
  await fill(page, 'x'.repeat(61));
  await page.getByLabel('One by one').check();
  for (const box of await page.locator('input[name="scopes"]').all()) await box.uncheck();
  await page.locator('input[name="scopes"][value="write:trades"]').check();
  await page.getByLabel('Largest trade').fill('1.000,50');
  await page.getByLabel('On a date').check();
  await send(page);
  await visit(page, 'create-errors');

  await fill(page, 'Claude Code on my laptop');
  await page.getByLabel('Read and trade').check();
  await page.getByLabel('Largest trade').fill('250');
  await page.getByLabel('Ask me each time').check();
  await page.getByLabel('Never').check();
  await visit(page, 'create-filled');
  await page.getByLabel('90 days').check();
  await page.getByLabel('Ask me each time').uncheck();
  await page.getByLabel('Yes, this token may trade').check();
  await send(page);
  await actOfAllSorts(base, (await page.locator('#token').textContent())!);
  await page.getByRole('button', { name: 'Test it now' }).click();
  await page.locator('output').getByText('It works.').waitFor();
  await visit(page, 'created');
  await page.reload();
  await visit(page, 'created-before');

  await fill(page, 'Research notebook');
  await send(page);
  await page.locator('#token').waitFor();
  // When a token was used is written a moment after the answers.
  await until(
    async () => {
      await page.goto('/settings/tokens');
      return page.getByText('by Claude Code').count();
    },
    (count) => count > 0,
    30_000,
  );
  await visit(page, 'tokens');
  await fill(page, 'claude code on my laptop');
  await send(page);
  await visit(page, 'create-same-name');
  const draft = new URLSearchParams({ draft: '1', name: 'From before signing in', preset: 'trade', expires: 'never' });
  await show(page, visit, `/settings/tokens?${draft}`, 'create-draft');
}

/** Tokens whose names are hard to show. */
async function names(page: Page, visit: Visit): Promise<void> {
  for (const name of ['<b>Bold</b> & "quoted"', 'הבוט שלי (1)', 'Research 👩‍💻', 'W'.repeat(60)]) {
    await fill(page, name);
    await send(page);
    await page.locator('#token').waitFor();
  }
  await show(page, visit, '/settings/tokens', 'tokens-names');
}

async function changingTokens(page: Page, visit: Visit): Promise<void> {
  const rotated = 'Research 👩‍💻';
  await page.goto('/settings/tokens');
  await page.getByRole('link', { name: `Rotate ${rotated}` }).click();
  await visit(page, 'rotate');
  await page.getByRole('button', { name: 'Rotate token' }).click();
  await page.locator('#token').waitFor();
  await visit(page, 'rotated');
  await page.reload();
  await visit(page, 'rotated-before');

  await page.goto('/settings/tokens');
  await page.getByRole('link', { name: 'Revoke <b>Bold</b>' }).click();
  await visit(page, 'revoke');
  await page.getByRole('button', { name: 'Revoke token' }).click();
  await page.getByRole('status').waitFor();
  await page.getByText('Ended in the last 30 days').click();
  await visit(page, 'revoked');
}

/** Tokens that deserve a thought. */
async function agedTokens(page: Page, databaseUrl: string, visit: Visit): Promise<void> {
  for (const name of Object.values(AGED)) {
    await fill(page, name);
    await send(page);
    await page.locator('#token').waitFor();
  }
  await pass(databaseUrl, 'tokens');
  await page.goto('/settings/tokens');
  await page.getByText('It expires soon.').waitFor();
  await page.getByText('Not used for 61 days.').waitFor();
  await visit(page, 'tokens-advice');
}

async function apps(page: Page, base: string, visit: Visit): Promise<void> {
  const service = { url: base, config: { publicUrl: base } };
  const browser = await new Browser(service).signIn('demo');
  const { body } = await register(service, { client_name: STRANGER });
  await connect(service, { browser, clientId: String(body['client_id']), scope: 'read:pool read:positions' });
  const verifier = newVerifier();
  const asked = await browser.form(
    authorizeUrl(service, verifier, { scope: 'read:account read:signals write:trades' }),
  );
  const limits = [
    ['max_trade_usdt', '99.50'],
    ['write_policy', 'human_required'],
  ] as const;
  const allowed = await browser.press(asked, 'authorize', (fields) => [
    ...fields.filter(([name]) => !limits.some(([limit]) => limit === name)),
    ...limits,
  ]);
  await redeem(service, callbackOf(allowed).query.get('code')!, verifier);
  await show(page, visit, '/settings/apps', 'apps');
  for (const [who, name] of [
    ['TradeCafe’s official', 'app-revoke-unverified'],
    ['TradeCafe MCP', 'app-revoke'],
  ] as const) {
    await page.goto('/settings/apps');
    await page.getByRole('link', { name: `Revoke ${who}` }).click();
    await visit(page, name);
  }
  await page.goto('/settings/apps');
  await page.getByRole('link', { name: 'Revoke TradeCafe’s official' }).click();
  await page.getByRole('button', { name: 'Revoke app' }).click();
  await page.getByRole('status').waitFor();
  await visit(page, 'app-revoked');
}

async function activity(page: Page, visit: Visit): Promise<void> {
  await show(page, visit, '/settings/activity', 'activity');
  await page.getByText('Filter', { exact: true }).click();
  await visit(page, 'activity-filter');
  await show(page, visit, '/settings/activity?outcome=denied', 'activity-refused');
  await show(page, visit, '/settings/activity?to=2020-01-01', 'activity-nothing-matches');
  await show(page, visit, '/settings/activity?from=2026-02-30&outcome=x', 'activity-filter-errors');
  await show(page, visit, '/settings/activity?cursor=x', 'activity-wrong-place');
}

async function freezing(page: Page, databaseUrl: string, visit: Visit): Promise<void> {
  await page.goto('/settings/activity');
  await page.getByRole('button', { name: 'Freeze all trading' }).click();
  await page.getByText('Frozen: nothing can trade').waitFor();
  await visit(page, 'frozen');
  await pass(databaseUrl, 'writes');
  await page.reload();
  await page.getByText('Sent before you froze').waitFor();
  await visit(page, 'frozen-in-flight');
  await pass(databaseUrl, 'arrived');
  await page.getByRole('button', { name: 'Resume trading' }).click();
  await page.getByText('Trading is on').waitFor();
}

async function errors(page: Page, visit: Visit): Promise<void> {
  await show(page, visit, `/settings/tokens/${DEAD_ID}/revoke`, 'error-in-settings');
  await page.goto('/settings/apps');
  await page.locator('.freeze input[name="csrf_token"]').evaluate((field) => field.setAttribute('value', 'x'));
  await page.getByRole('button', { name: 'Freeze all trading' }).click();
  await page.getByText('This form is out of date.').waitFor();
  await visit(page, 'error-out-of-date');
  await page.goto('/settings/tokens');
  await page.context().clearCookies();
  await page.getByLabel('Name', { exact: true }).fill('Typed before the session ended');
  await send(page);
  await page.getByText('You are not signed in.').waitFor();
  await visit(page, 'error-signed-out');
}

async function show(page: Page, visit: Visit, path: string, name: string): Promise<void> {
  await page.goto(path);
  await visit(page, name);
}

async function fill(page: Page, name: string): Promise<void> {
  await page.goto('/settings/tokens');
  await page.getByLabel('Name', { exact: true }).fill(name);
}

function send(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Create token' }).click();
}
