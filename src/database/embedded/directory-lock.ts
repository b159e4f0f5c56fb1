import { join } from 'node:path';
import { type FileLock, lockOwner, tryLock } from '../../os/file-lock.js';

const FILE = 'postgres.lock';

/**
 * Takes a data directory for this process; the lock of a dead process is taken over.
 * PostgreSQL guards its directory too, but can neither say who the owner is nor what to do.
 * @throws Error naming the owner's pid and the ways out
 */
export async function lockDirectory(dataDir: string): Promise<FileLock> {
  const outcome = await tryLock(join(dataDir, FILE));
  if ('heldBy' in outcome) throw new Error(inUse(dataDir, outcome.heldBy));
  return outcome;
}

/** Whether a living process owns the data directory. */
export function isDirectoryLocked(dataDir: string): boolean {
  return lockOwner(join(dataDir, FILE)) === 'living';
}

function inUse(dataDir: string, pid: number): string {
  return (
    `The embedded database in ${dataDir} is in use by process ${pid}. Stop that process, ` +
    'or set DATA_DIR to another directory, or set DATABASE_URL to a PostgreSQL server that both may use.'
  );
}
