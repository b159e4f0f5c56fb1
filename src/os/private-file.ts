import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes the directory of a file that only this user may see (0700), or closes one that is there to others. */
export function ensurePrivateDirectory(path: string): void {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if ((statSync(directory).mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/**
 * Reads a file that only this user should see; rights that somebody else has on it are taken away.
 * @returns undefined when there is none
 */
export function readPrivateFile(path: string): string | undefined {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file (0600) beside its place and renames it there: a reader sees the old or the new one, never a half. */
export function writePrivateFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.${randomUUID()}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
