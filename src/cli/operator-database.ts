import type { Config } from '../config/config.js';
import { runningEmbeddedUrl } from '../database/embedded/embedded-postgres.js';
import { type OpenDatabase, openDatabase } from '../database/open-database.js';

/** The configured database: beside a running server its embedded one, otherwise started for as long as this takes. */
export async function reachDatabase(config: Config): Promise<OpenDatabase> {
  const running = config.databaseUrl === undefined ? runningEmbeddedUrl(config.dataDir) : undefined;
  if (running !== undefined) return { url: running, stop: () => Promise.resolve() };
  return openDatabase(config);
}
