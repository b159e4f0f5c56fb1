#!/usr/bin/env node
// Writes a picture of every page in four forms (light and dark, 1280 and 360 pixels wide) into screenshots/, for people
// to look at. Starts a service of its own on a database of its own. With --readme it also renews the README's picture.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { runningEmbeddedUrl } from '../dist/database/embedded/embedded-postgres.js';
import { tour } from '../test/web/browser/tour.ts';
import { takeOauth } from './screenshots-oauth.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'screenshots');
const readme = process.argv.includes('--readme');
/** The page of the README's picture, in the dark. */
const README_PAGE = 'tokens';
const FORMS = ['light', 'dark'].flatMap((theme) => [1280, 360].map((width) => ({ theme, width })));

const dataDir = await mkdtemp(join(tmpdir(), 'tradecafe-screenshots-'));
const sessionSecret = randomBytes(32).toString('hex');
const { DATABASE_URL: _theirs, ...environment } = process.env;
const service = spawn(process.execPath, [join(root, 'dist/main.js')], {
  env: {
    ...environment,
    PORT: '0',
    DATA_DIR: dataDir,
    TRADECAFE_MODE: 'mock',
    SESSION_JWT_SECRET: sessionSecret,
    LOG_LEVEL: 'warn',
  },
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
  const page = await (await browser.newContext({ baseURL: base })).newPage();
  page.setDefaultTimeout(60_000);
  await tour(page, base, runningEmbeddedUrl(dataDir), take);
  // Somebody whom no app has asked before.
  await page.goto('/login');
  await page.locator('button[name="user"][value="demo2"]').click();
  await takeOauth(page, base, sessionSecret, take);
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
  if (readme && name === README_PAGE) await page.screenshot({ path: join(root, 'docs', 'images', 'tokens.png') });
}
