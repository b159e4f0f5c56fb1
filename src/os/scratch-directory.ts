import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockOwner, tryLock } from './file-lock.js';

/** A directory of this process's own, gone when it is done. */
export interface ScratchDirectory {
  readonly path: string;
  remove(): void;
}

const OWNER = 'owner.lock';
/** A directory younger than this may be somebody's who has not put their name on it yet. */
const NEWBORN_MS = 60_000;

/** Makes a directory below the system's temporary one (0700). @param prefix of its name, the program's own */
export async function createScratchDirectory(prefix: string, root = tmpdir()): Promise<ScratchDirectory> {
  const path = mkdtempSync(join(root, prefix));
  await tryLock(join(path, OWNER));
  return { path, remove: () => remove(path) };
}

/**
 * Removes what killed processes of this user left behind.
 * @param before called with each abandoned directory before it goes, e.g. to stop what still runs in it
 */
export async function sweepScratchDirectories(
  prefix: string,
  before: (path: string) => Promise<void>,
  root = tmpdir(),
): Promise<void> {
  for (const name of readdirSync(root).filter((entry) => entry.startsWith(prefix))) {
    const path = join(root, name);
    if (!isAbandoned(path)) continue;
    await before(path);
    remove(path);
  }
}

function isAbandoned(path: string): boolean {
  try {
    const status = lstatSync(path);
    if (!status.isDirectory() || status.uid !== (process.getuid?.() ?? status.uid)) return false;
    const owner = lockOwner(join(path, OWNER));
    return owner === undefined ? Date.now() - status.mtimeMs > NEWBORN_MS : owner === 'dead';
  } catch (error) {
    // Gone meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Retried: what was killed a moment ago may still be writing. */
function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}
