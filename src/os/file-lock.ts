import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.js';

/** A lock that this process holds. */
export interface FileLock {
  /** Gives it free; harmless when repeated. */
  release(): void;
}

/** Which process holds a lock. */
interface Owner {
  readonly pid: number;
  readonly identity: string;
}

const READ_ATTEMPTS = 20;
const READ_INTERVAL_MS = 50;
const RETRY_MS = 50;

/**
 * Takes the lock that a file is; the lock of a dead process is taken over. Processes of one machine only.
 * @param path of the lock file; its directory exists
 * @returns the lock, or the pid of the living process that holds it (this one, it may be)
 */
export async function tryLock(path: string): Promise<FileLock | { readonly heldBy: number }> {
  const identity = processIdentity(process.pid) ?? '';
  // The nonce tells two holders within one process apart.
  const mine = JSON.stringify({ pid: process.pid, identity, nonce: randomUUID() } satisfies Owner & { nonce: string });
  while (!createExclusively(path, mine)) {
    const seen = await readComplete(path);
    const owner = parse(seen);
    if (owner !== undefined && isAlive(owner)) return { heldBy: owner.pid };
    if (seen !== undefined) removeStale(path, seen);
  }
  return {
    release() {
      if (read(path) === mine) rmSync(path, { force: true });
    },
  };
}

/**
 * Waits for a lock.
 * @returns undefined when it was not to be had within `boundMs`
 */
export async function waitForLock(
  path: string,
  boundMs: number,
  signal?: AbortSignal | null,
): Promise<FileLock | undefined> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const outcome = await tryLock(path);
    if ('release' in outcome) return outcome;
    if (performance.now() > deadline) return undefined;
    await delay(RETRY_MS, undefined, { signal: signal ?? undefined });
  }
}

/** Whether the process that took the lock lives; undefined when there is no lock, or only its beginning yet. */
export function lockOwner(path: string): 'living' | 'dead' | undefined {
  const owner = parse(read(path));
  if (owner === undefined) return undefined;
  return isAlive(owner) ? 'living' : 'dead';
}

function createExclusively(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  writeSync(file, text);
  closeSync(file);
  return true;
}

/** The lock's text, waiting out the instant in which its creator has not written it yet. */
async function readComplete(path: string): Promise<string | undefined> {
  let text = read(path);
  for (let attempt = 1; text === '' && attempt < READ_ATTEMPTS; attempt++) {
    await delay(READ_INTERVAL_MS);
    text = read(path);
  }
  return text;
}

/** Moves the stale lock away; had somebody else taken over in between, the lock moved would be theirs: it goes back. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    // Somebody else removed it first.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) === stale) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string | undefined): Owner | undefined {
  try {
    return JSON.parse(text ?? '') as Owner;
  } catch {
    // Half a file: its writer died while writing.
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  return processIdentity(owner.pid) === owner.identity;
}
