import type { Config } from '../config/config.js';
import { describeConnectionError } from './connection-error.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { migrate, pendingMigrations } from './migrate.js';

/** A database with the schema this release needs. */
export interface OpenDatabase {
  /** Connection string; contains the password. */
  readonly url: string;
  /** Ends the embedded server; nothing to do for one that is not ours. Harmless when repeated. */
  stop(): Promise<void>;
}

/** Injection token of the process's database. */
export const DATABASE = Symbol('DATABASE');

/**
 * Opens the configured database, or starts the embedded one, and brings its schema up to date (or, with migrateOnStart
 * off, makes sure that it is).
 * @throws Error that names the variable to look at and the mend, never the password
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir' | 'migrateOnStart'>,
): Promise<OpenDatabase> {
  const { databaseUrl } = config;
  if (databaseUrl === undefined) return openEmbedded(config);
  try {
    refuseSchemaParameter(databaseUrl);
    await prepareSchema(databaseUrl, config.migrateOnStart);
  } catch (error) {
    throw describeConnectionError(error, databaseUrl);
  }
  return { url: databaseUrl, stop: () => Promise.resolve() };
}

async function openEmbedded(config: Pick<Config, 'dataDir' | 'migrateOnStart'>): Promise<OpenDatabase> {
  const server = await startEmbeddedPostgres(config.dataDir);
  try {
    await prepareSchema(server.url, config.migrateOnStart);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function prepareSchema(url: string, migrateOnStart: boolean): Promise<void> {
  if (migrateOnStart) {
    await migrate(url);
    return;
  }
  const pending = await pendingMigrations(url);
  if (pending.length === 0) return;
  throw new Error(
    `The database schema is not current: ${pending.join(', ')} must be applied first. ` +
      'Run `npm run migrate` with DATABASE_URL set, or start with MIGRATE_ON_START=true.',
  );
}

/** Prisma's command line honours `?schema=`, PostgreSQL's driver ignores it: they would work on different tables. */
function refuseSchemaParameter(url: string): void {
  const schema = new URL(url).searchParams.get('schema') ?? 'public';
  if (schema !== 'public')
    throw new Error(`DATABASE_URL asks for schema "${schema}": use a database of its own instead.`);
}
