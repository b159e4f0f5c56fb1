import { describeConnectionError } from '../database/connection-error.js';
import { migrate } from '../database/migrate.js';

/**
 * Applies the migrations that the database of DATABASE_URL lacks, as a one-off before the instances of a new version
 * start. It needs no other variable: whoever changes the schema need not hold the service's secrets.
 */
async function main(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '') {
    throw new Error('DATABASE_URL is not set: set postgresql://user:password@host:5432/database.');
  }
  const applied = await migrate(url).catch((error: unknown) => {
    throw describeConnectionError(error, url);
  });
  process.stderr.write(applied.length === 0 ? 'Nothing to migrate.\n' : `Applied ${applied.join(', ')}.\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
