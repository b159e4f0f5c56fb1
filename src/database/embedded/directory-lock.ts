import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processIdentity } from './process-identity.js';

/** Which process owns a data directory. */
interface Owner {
  readonly pid: number;
  readonly identity: string;
}

export interface DirectoryLock {
  /** Gives the directory free; harmless when repeated. */
  release(): void;
}

const FILE = 'postgres.lock';
const READ_ATTEMPTS = 20;
const READ_INTERVAL_MS = 50;

/**
 * Takes a data directory for this process; the lock of a dead process is taken over.
 * PostgreSQL guards its directory too, but can neither say who the owner is nor what to do.
 * @throws Error naming the owner's pid and the ways out
 */
export async function lockDirectory(dataDir: string): Promise<DirectoryLock> {
  const path = join(dataDir, FILE);
  const mine = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) ?? '' } satisfies Owner);
  while (!createExclusively(path, mine)) {
    const seen = await readComplete(path);
    const owner = parse(seen);
    if (owner !== undefined && isAlive(owner)) throw new Error(inUse(dataDir, owner.pid));
    if (seen !== undefined) removeStale(path, seen);
  }
  return {
    release() {
      if (read(path) === mine) rmSync(path, { force: true });
    },
  };
}

/** Whether a living process owns the data directory. */
export function isDirectoryLocked(dataDir: string): boolean {
  const owner = parse(read(join(dataDir, FILE)));
  return owner !== undefined && isAlive(owner);
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

function inUse(dataDir: string, pid: number): string {
  return (
    `The embedded database in ${dataDir} is in use by process ${pid}. Stop that process, ` +
    'or set DATA_DIR to another directory, or set DATABASE_URL to a PostgreSQL server that both may use.'
  );
}
