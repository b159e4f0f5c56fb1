import { mkdirSync } from 'node:fs';
import { Client, escapeIdentifier } from 'pg';
import { clusterDirectory, clusterPassword, ensureCluster, SUPERUSER } from './cluster.js';
import { isDirectoryLocked, lockDirectory } from './directory-lock.js';
import { launchPrefix } from './launch-command.js';
import { stopOrphan } from './orphan.js';
import { postgresBinaries } from './platform-package.js';
import { isPostmaster, readPostmaster } from './postmaster-file.js';
import { superviseServer } from './supervisor.js';

/** A PostgreSQL server of this process's own. */
export interface EmbeddedPostgres {
  /** Of the service's database; contains the password. */
  readonly url: string;
  /** Ends the server in order and gives the directory free. Harmless when repeated. */
  stop(): Promise<void>;
}

const DATABASE = 'tradecafe';

/**
 * Starts PostgreSQL with its data under `<dataDir>/postgres`, creating both when they are not there. It ends when this
 * process ends, however that happens.
 * @param dataDir absolute path
 * @throws Error in plain words: in use by another process (naming it), no package for this machine, PostgreSQL's own reason
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const binaries = postgresBinaries();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(dataDir);
  try {
    const launch = launchPrefix();
    const directory = clusterDirectory(dataDir);
    await ensureCluster(dataDir, binaries, launch);
    await stopOrphan(directory);
    const server = await superviseServer({ directory, binaries, launch });
    const stop = (): Promise<void> => server.stop().finally(() => lock.release());
    await ensureDatabase(urlOf(dataDir, server.port, 'postgres')).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { url: urlOf(dataDir, server.port, DATABASE), stop };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * The database of another process's embedded server, for a command that runs beside it.
 * @returns undefined when no server runs there: the caller may start one
 */
export function runningEmbeddedUrl(dataDir: string): string | undefined {
  if (!isDirectoryLocked(dataDir)) return undefined;
  const directory = clusterDirectory(dataDir);
  const postmaster = readPostmaster(directory);
  if (postmaster?.ready !== true || !isPostmaster(postmaster.pid, directory)) return undefined;
  return urlOf(dataDir, postmaster.port, DATABASE);
}

/** `sslmode=disable`: the server is on the loopback and has no certificate; PGSSLMODE must not ask for one. */
function urlOf(dataDir: string, port: number, database: string): string {
  return `postgresql://${SUPERUSER}:${clusterPassword(dataDir)}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

async function ensureDatabase(maintenanceUrl: string): Promise<void> {
  const client = new Client({ connectionString: maintenanceUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(DATABASE)}`);
  } finally {
    await client.end();
  }
}
