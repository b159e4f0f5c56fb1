#!/usr/bin/env node
// Writes a picture of every page in four forms (light and dark, 1280 and 360 pixels wide) into screenshots/, for people
// to look at. Starts a service of its own on a database of its own. With --readme it also renews the README's picture.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'screenshots');
const readme = process.argv.includes('--readme');
const FORMS = ['light', 'dark'].flatMap((theme) => [1280, 360].map((width) => ({ theme, width })));

const dataDir = await mkdtemp(join(tmpdir(), 'tradecafe-screenshots-'));
const { DATABASE_URL: _theirs, ...environment } = process.env;
const service = spawn(process.execPath, [join(root, 'dist/main.js')], {
  env: { ...environment, PORT: '0', DATA_DIR: dataDir, TRADECAFE_MODE: 'mock', LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'inherit', 'pipe'],
});
const ended = new Promise((resolve) => service.once('exit', resolve));
let browser;
try {
  const base = await address();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  await mkdir(out, { recursive: true });
  await takeAll(await (await browser.newContext({ baseURL: base })).newPage(), base);
  console.log(`Look at ${out}`);
} finally {
  await browser?.close();
  service.kill('SIGTERM');
  await ended;
  await rm(dataDir, { recursive: true, force: true });
}

/** Where the service listens, as it says itself. */
async function address() {
  for await (const line of createInterface({ input: service.stderr })) {
    const url = /(http:\S+)\/settings\/tokens/.exec(line)?.[1];
    if (url !== undefined) {
      service.stderr.resume();
      return url;
    }
  }
  throw new Error('The service ended before it listened.');
}

/** The page that is open, in every form; it is not loaded anew, as some pages are shown once. */
async function take(page, name) {
  for (const { theme, width } of FORMS) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(out, `${name}-${theme}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function takeAll(page, base) {
  const show = async (path, name) => {
    await page.goto(path);
    await take(page, name);
  };
  await show('/login', 'login');
  await show('/docs', 'docs');
  await page.goto('/login');
  await page.locator('button[name="user"][value="demo"]').click();
  for (const name of ['tokens', 'apps', 'activity']) await show(`/settings/${name}`, `${name}-empty`);

  await create(page, 'Research notebook', 'Read only');
  const token = await create(page, 'Claude Code on my laptop', 'Read and trade');
  await take(page, 'created');
  await act(base, token);

  // When a token was used, and what it did, is written a moment after the answers.
  await page.waitForTimeout(2_000);
  await show('/settings/tokens', 'tokens');
  if (readme) {
    const images = join(root, 'docs', 'images');
    await mkdir(images, { recursive: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: join(images, 'tokens.png') });
  }
  for (const what of ['Rotate', 'Revoke']) {
    await page.goto('/settings/tokens');
    await page.getByRole('link', { name: `${what} Claude Code on my laptop` }).click();
    await take(page, what.toLowerCase());
  }
  await page.goto('/settings/tokens');
  await page.getByLabel('Read and trade').check();
  await page.getByRole('button', { name: 'Create token' }).click();
  await take(page, 'form-errors');
  await show('/settings/activity', 'activity');
  await page.getByRole('button', { name: 'Freeze all trading' }).click();
  await take(page, 'frozen');
  await show('/settings/nothing', 'error');
}

async function create(page, name, rights) {
  await page.goto('/settings/tokens');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel(rights).check();
  if (rights === 'Read and trade') {
    await page.getByLabel('Largest trade').fill('250');
    await page.getByLabel('Yes, this token may trade').check();
  }
  await page.getByRole('button', { name: 'Create token' }).click();
  return page.locator('#token').textContent();
}

/** Something for the activity page to show. */
async function act(base, token) {
  const call = async (path, body) => {
    const answer = await fetch(`${base}/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'user-agent': 'claude-code/2.1',
      },
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  await call('/account/summary');
  const [{ position_id }] = await call('/positions?status=open');
  const { action_token } = await call('/positions/close/preview', { position_id });
  await call('/positions/close', { position_id, action_token });
  await call('/positions/close', { position_id, action_token });
}
