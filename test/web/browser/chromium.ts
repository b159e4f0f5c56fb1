import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's; elsewhere the variable names one. */
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why the browser suite cannot run here; undefined: it can. */
export const NO_CHROMIUM = existsSync(EXECUTABLE)
  ? undefined
  : `no Chromium at ${EXECUTABLE} (apt-get install chromium, or set CHROMIUM)`;

/** A browser without its own sandbox, as containers need it: it visits nothing but our pages. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox', '--disable-gpu'] });
}
