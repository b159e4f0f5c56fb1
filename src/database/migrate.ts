import { randomUUID } from 'node:crypto';
import { Client, DatabaseError } from 'pg';
import { checksum, matchesChecksum, type Migration, MIGRATIONS_FOLDER, readMigrations } from './migrations-folder.js';

/** A schema that must not be worked with; the message says what to do. */
class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** The advisory lock that `prisma migrate` takes: only one migrates, whoever it is. */
const PRISMA_LOCK = 72707369;
const LOCK_TIMEOUT_S = 60;
const CONNECT_TIMEOUT_MS = 5_000;
const UNDEFINED_TABLE = '42P01';
const LOCK_NOT_AVAILABLE = '55P03';
/** As Prisma's schema engine creates it. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Applies the migrations that are missing, as `prisma migrate deploy` does: same order, same lock, same rows, so that
 * both can be used on one database. Unlike there, a migration and its row are one transaction: one that fails or is
 * interrupted leaves nothing behind, and is tried again by the next start.
 * @returns the names applied, oldest first
 * @throws MigrationError for a failed migration of `prisma migrate deploy`, a changed file, or SQL that fails
 */
export async function migrate(url: string, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder);
  return withClient(url, async (client) => {
    await lock(client);
    // Asked first: CREATE TABLE, even IF NOT EXISTS, needs a right that this user may not have on a current schema.
    const rows = await appliedRows(client);
    const missing = missingMigrations(migrations, rows ?? []);
    if (rows === undefined && missing.length > 0) await client.query(CREATE_TABLE);
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  });
}

/**
 * The migrations that the database lacks, oldest first; changes nothing.
 * @throws MigrationError as `migrate` does
 */
export async function pendingMigrations(url: string, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder);
  return withClient(url, async (client) => {
    return missingMigrations(migrations, (await appliedRows(client)) ?? []).map(({ name }) => name);
  });
}

async function withClient<Result>(url: string, action: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // The query in flight reports a lost connection; without a listener the event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await action(client);
  } finally {
    // Gives the advisory lock free as well.
    await client.end();
  }
}

async function lock(client: Client): Promise<void> {
  await client.query(`SET lock_timeout = '${LOCK_TIMEOUT_S}s'`);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
  } catch (cause) {
    if (!(cause instanceof DatabaseError) || cause.code !== LOCK_NOT_AVAILABLE) throw cause;
    throw new MigrationError(
      `Another process has been migrating this database for over ${LOCK_TIMEOUT_S} s. Wait for it to finish, or end it ` +
        `(it holds advisory lock ${PRISMA_LOCK} in pg_locks), then start again.`,
      { cause },
    );
  }
  await client.query('SET lock_timeout = 0');
}

/** The rows that count; undefined when the table is not there yet. */
async function appliedRows(client: Client): Promise<AppliedRow[] | undefined> {
  try {
    const { rows } = await client.query<AppliedRow>(
      'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
    );
    return rows;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === UNDEFINED_TABLE) return undefined;
    throw error;
  }
}

/** What is still to be applied. A row without a file is no error: an older release may run beside a newer schema. */
function missingMigrations(migrations: readonly Migration[], rows: readonly AppliedRow[]): Migration[] {
  const failed = rows.find((row) => row.finished_at === null);
  if (failed !== undefined) throw new MigrationError(explainFailed(failed.migration_name));
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  for (const { name, sql } of migrations) {
    const stored = applied.get(name);
    if (stored !== undefined && !matchesChecksum(sql, stored)) throw new MigrationError(explainChanged(name));
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

async function apply(client: Client, { name, sql }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum(sql), name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    throw new MigrationError(
      `Migration ${name} failed and was rolled back: ${cause.message}. Correct the cause and start again ` +
        '(SQL that cannot run in a transaction needs `npm run migrate:deploy`).',
      { cause },
    );
  }
}

function explainFailed(name: string): string {
  return (
    `Migration ${name} failed halfway in an earlier run (P3009), so the schema's state is unknown. Look at its "logs" in ` +
    '_prisma_migrations, repair the schema by hand, then tell Prisma how it ended: ' +
    `\`npx prisma migrate resolve --rolled-back ${name}\` (it is applied again) or \`--applied ${name}\`.`
  );
}

function explainChanged(name: string): string {
  return (
    `Migration ${name} was changed after it was applied to this database, so files and schema may differ. Restore ` +
    `prisma/migrations/${name}/migration.sql as it was, and put the change into a new migration.`
  );
}
