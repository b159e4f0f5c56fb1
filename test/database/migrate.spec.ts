import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { migrate, pendingMigrations } from '../../src/database/migrate.js';
import { checksum, MIGRATIONS_FOLDER } from '../../src/database/migrations-folder.js';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database.js';

describe('migrate', () => {
  let database: TestDatabase;
  let folder: string;
  let client: Client;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    folder = mkdtempSync(join(tmpdir(), 'tradecafe-migrations-'));
    client = new Client({ connectionString: database.url });
    await client.connect();
  });

  afterEach(async () => {
    await client.end();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  function addMigration(name: string, sql: string): void {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'migration.sql'), sql);
  }

  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  }

  const recorded = () => rows('SELECT * FROM _prisma_migrations ORDER BY started_at, migration_name');

  it('applies all in the order of their names, once, and records them as Prisma does', async () => {
    addMigration('20260102000000_second', 'ALTER TABLE t ADD COLUMN b int;\nALTER TABLE t ADD COLUMN c int;');
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);');
    expect(await pendingMigrations(database.url, folder)).toEqual(['20260101000000_first', '20260102000000_second']);
    expect(await migrate(database.url, folder)).toEqual(['20260101000000_first', '20260102000000_second']);
    expect(await migrate(database.url, folder)).toEqual([]);
    expect(await pendingMigrations(database.url, folder)).toEqual([]);
    const [first, second, ...more] = await recorded();
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      migration_name: '20260101000000_first',
      checksum: checksum('CREATE TABLE t (a int);'),
      finished_at: expect.any(Date),
      rolled_back_at: null,
      applied_steps_count: 1,
      logs: null,
    });
    expect(second).toMatchObject({ migration_name: '20260102000000_second' });
  });

  it('lets several processes start at once', async () => {
    addMigration('20260101000000_slow', 'CREATE TABLE t (a int); SELECT pg_sleep(0.3);');
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, folder)));
    expect(applied.flat()).toEqual(['20260101000000_slow']);
    expect(await recorded()).toHaveLength(1);
  });

  it('leaves nothing of a migration that fails, so that the next start tries it again', async () => {
    addMigration('20260101000000_good', 'CREATE TABLE good (a int);');
    addMigration('20260102000000_bad', 'CREATE TABLE half (a int); CREATE TABLE good (a int);');
    await expect(migrate(database.url, folder)).rejects.toThrow(
      /20260102000000_bad failed and was rolled back: .*"good"/,
    );
    expect(await rows("SELECT to_regclass('half') AS half, to_regclass('good')::text AS good")).toEqual([
      { half: null, good: 'good' },
    ]);
    expect(await recorded()).toHaveLength(1);
    addMigration('20260102000000_bad', 'CREATE TABLE half (a int);');
    expect(await migrate(database.url, folder)).toEqual(['20260102000000_bad']);
  });

  it('refuses a database in which a migration of Prisma failed halfway', async () => {
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);');
    await migrate(database.url, folder);
    await client.query('UPDATE _prisma_migrations SET finished_at = NULL');
    addMigration('20260102000000_second', 'CREATE TABLE u (a int);');
    const refusal = /20260101000000_first failed halfway.*P3009.*migrate resolve --rolled-back 20260101000000_first/s;
    await expect(migrate(database.url, folder)).rejects.toThrow(refusal);
    await expect(pendingMigrations(database.url, folder)).rejects.toThrow(refusal);
    expect(await rows("SELECT to_regclass('u') AS u")).toEqual([{ u: null }]);
    // As `prisma migrate resolve --rolled-back` leaves it: applied again.
    await client.query('UPDATE _prisma_migrations SET rolled_back_at = now(); DROP TABLE t');
    expect(await migrate(database.url, folder)).toEqual(['20260101000000_first', '20260102000000_second']);
  });

  it('refuses a migration whose file was changed after it was applied', async () => {
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);\n');
    await migrate(database.url, folder);
    addMigration('20260101000000_first', 'CREATE TABLE t (a bigint);\n');
    await expect(migrate(database.url, folder)).rejects.toThrow(
      /20260101000000_first was changed after it was applied.*new migration/s,
    );
    // A checkout with other line endings is no change.
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);\r\n');
    expect(await migrate(database.url, folder)).toEqual([]);
  });

  it('accepts a database that a checkout with other line endings migrated', async () => {
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);\r\n');
    await migrate(database.url, folder);
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);\n');
    expect(await migrate(database.url, folder)).toEqual([]);
  });

  it('works on a schema of a newer release', async () => {
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);');
    addMigration('20260102000000_newer', 'CREATE TABLE u (a int);');
    await migrate(database.url, folder);
    rmSync(join(folder, '20260102000000_newer'), { recursive: true });
    expect(await migrate(database.url, folder)).toEqual([]);
  });

  it('needs no right to create tables on a current schema', async () => {
    addMigration('20260101000000_first', 'CREATE TABLE t (a int);');
    await migrate(database.url, folder);
    const role = `tradecafe_test_${Date.now()}`;
    await client.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'p'; REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT SELECT ON _prisma_migrations TO ${role}`,
    );
    try {
      const url = Object.assign(new URL(database.url), { username: role, password: 'p' }).toString();
      expect(await migrate(url, folder)).toEqual([]);
    } finally {
      await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  describe('beside `prisma migrate deploy`', () => {
    // Prisma's command takes its time where others run.
    const PATIENCE_MS = 120_000;

    async function deploy(): Promise<string> {
      const env = { ...process.env, DATABASE_URL: database.url };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['node_modules/prisma/build/index.js', 'migrate', 'deploy'],
        { env },
      );
      return stdout;
    }

    it(
      'has left nothing to apply to the other',
      async () => {
        const names = await migrate(database.url);
        expect(names.length).toBeGreaterThan(0);
        expect(await deploy()).toContain('No pending migrations to apply');
        expect(await recorded()).toHaveLength(names.length);
      },
      PATIENCE_MS,
    );

    it(
      'finds nothing to apply after the other',
      async () => {
        expect(await deploy()).toContain('All migrations have been successfully applied');
        expect(await migrate(database.url)).toEqual([]);
        expect(await pendingMigrations(database.url)).toEqual([]);
      },
      PATIENCE_MS,
    );

    it(
      'goes on where the other stopped',
      async () => {
        await deploy();
        cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
        addMigration('29990101000000_next', 'CREATE TABLE next (a int);');
        expect(await migrate(database.url, folder)).toEqual(['29990101000000_next']);
      },
      PATIENCE_MS,
    );
  });

  it('finds the migrations that Prisma uses', () => {
    expect(readFileSync(join(MIGRATIONS_FOLDER, 'migration_lock.toml'), 'utf8')).toContain('postgresql');
  });
});
