import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment, commandLine, type LaunchPrefix } from './launch-command.js';
import type { PostgresBinaries } from './platform-package.js';

export const SUPERUSER = 'postgres';

/** PostgreSQL's own directory below DATA_DIR. */
export function clusterDirectory(dataDir: string): string {
  return join(dataDir, 'postgres');
}

function passwordFile(dataDir: string): string {
  return join(dataDir, 'postgres.password');
}

/** The generated password of the superuser. */
export function clusterPassword(dataDir: string): string {
  return readFileSync(passwordFile(dataDir), 'utf8').trim();
}

/**
 * Makes the cluster below `dataDir` if there is none yet. It is built aside and renamed into place, so that a crash
 * in between leaves nothing that looks like a database. The caller holds the directory's lock.
 */
export async function ensureCluster(dataDir: string, binaries: PostgresBinaries, launch: LaunchPrefix): Promise<void> {
  const directory = clusterDirectory(dataDir);
  if (!existsSync(join(directory, 'PG_VERSION'))) await createCluster(dataDir, binaries, launch);
  else if (!existsSync(passwordFile(dataDir))) throw new Error(passwordLost(dataDir));
  if (launch.owner !== undefined && lstatSync(directory).uid !== launch.owner) giveTo(directory, launch.owner);
  // `nobody` must get through to its directory; what else lies here is 0600.
  if (launch.id !== undefined) chmodSync(dataDir, 0o711);
}

async function createCluster(dataDir: string, binaries: PostgresBinaries, launch: LaunchPrefix): Promise<void> {
  const workshop = join(dataDir, 'postgres.new');
  // Retried: an initdb whose owner was killed a moment ago may still be writing.
  rmSync(workshop, { recursive: true, force: true, maxRetries: 20 });
  mkdirSync(workshop, { mode: 0o700 });
  try {
    const password = randomBytes(24).toString('base64url');
    const pwfile = join(workshop, 'password');
    writeFileSync(pwfile, password, { mode: 0o600 });
    if (launch.id !== undefined) {
      giveTo(workshop, launch.id);
      chmodSync(dataDir, 0o711);
    }
    await initdb(join(workshop, 'cluster'), pwfile, binaries, launch);
    if (launch.id !== undefined) chownSync(pwfile, 0, 0);
    renameSync(pwfile, passwordFile(dataDir));
    renameSync(join(workshop, 'cluster'), clusterDirectory(dataDir));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

async function initdb(
  directory: string,
  pwfile: string,
  binaries: PostgresBinaries,
  launch: LaunchPrefix,
): Promise<void> {
  // Code point order whatever the machine's locale: the same data sorts the same everywhere.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--username', SUPERUSER, '--auth=scram-sha-256', '--pwfile', pwfile];
  const [command, args] = commandLine(launch, binaries.initdb, ['-D', directory, ...access, ...locale]);
  try {
    await promisify(execFile)(command, args, {
      env: cleanEnvironment(),
      uid: launch.id,
      gid: launch.id,
      windowsHide: true,
    });
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw new Error(`The embedded database could not be created in ${directory}: ${stderr?.trim() || message}`, {
      cause,
    });
  }
}

function giveTo(path: string, id: number): void {
  chownSync(path, id, id);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) giveTo(child, id);
    else chownSync(child, id, id);
  }
}

function passwordLost(dataDir: string): string {
  return (
    `${passwordFile(dataDir)} is missing, and without it nobody gets into the database beside it. Restore the file from a ` +
    `backup, or delete ${clusterDirectory(dataDir)} to begin with an empty database, or set DATABASE_URL.`
  );
}
