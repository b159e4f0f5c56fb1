import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isPostmaster, postmasterFile, readPostmaster } from './postmaster-file.js';

const FAST_SHUTDOWN_MS = 15_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const POLL_MS = 20;

/**
 * Stops a server that outlived its owner (killed where the kernel does not tell children, or a moment ago), and removes
 * the pid file of one that did not: PostgreSQL would take any process that got its pid later for a running server. Its
 * shared memory, which it checks as well, still guards the directory. The caller holds the directory's lock.
 */
export async function stopOrphan(directory: string): Promise<void> {
  const orphan = readPostmaster(directory);
  if (orphan === undefined) return;
  const ended = (): boolean => !isPostmaster(orphan.pid, directory);
  if (!ended()) {
    signal(orphan.pid, 'SIGINT');
    if (!(await until(ended, FAST_SHUTDOWN_MS))) signal(orphan.pid, 'SIGQUIT');
    if (!(await until(ended, IMMEDIATE_SHUTDOWN_MS))) {
      throw new Error(
        `The PostgreSQL process ${orphan.pid}, left behind in ${directory}, does not end: stop it, then start again.`,
      );
    }
  }
  rmSync(postmasterFile(directory), { force: true });
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
