import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { openDatabase } from '../../src/database/open-database.js';
import { createEmptyDatabase, createTestDatabase, databaseUrl, type TestDatabase } from '../support/test-database.js';

const PASSWORD = 'a-password-nobody-must-see';

describe('openDatabase', () => {
  let database: TestDatabase;
  let dataDir: string;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    dataDir = mkdtempSync(join(tmpdir(), 'tradecafe-open-'));
  });

  afterEach(async () => {
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** What the operator sees, the causes included. */
  async function refusal(url: string, migrateOnStart = true): Promise<string> {
    try {
      await openDatabase({ databaseUrl: url, dataDir, migrateOnStart });
    } catch (error) {
      const shown = inspect(error, { depth: 10 });
      expect(shown).not.toContain(PASSWORD);
      return (error as Error).message;
    }
    throw new Error('it was opened');
  }

  function changed(parts: Partial<Pick<URL, 'host' | 'username' | 'password' | 'pathname' | 'search'>>): string {
    return Object.assign(new URL(database.url), parts).toString();
  }

  it('migrates, and stopping it leaves a server that is not ours alone', async () => {
    const opened = await openDatabase({ databaseUrl: database.url, dataDir, migrateOnStart: true });
    expect(opened.url).toBe(database.url);
    await opened.stop();
    await openDatabase({ databaseUrl: database.url, dataDir, migrateOnStart: false });
  });

  it('does not migrate unasked, and says how to', async () => {
    const message = await refusal(database.url, false);
    for (const part of ['not current', 'npm run migrate', 'MIGRATE_ON_START']) expect(message).toContain(part);
    const migrated = await createTestDatabase();
    await openDatabase({ databaseUrl: migrated.url, dataDir, migrateOnStart: false });
    await migrated.drop();
  });

  it('names DATABASE_URL when nobody listens', async () => {
    const message = await refusal(changed({ host: '127.0.0.1:1', password: PASSWORD }));
    expect(message).toMatch(/server 127\.0\.0\.1:1 cannot be reached .*DATABASE_URL/);
  });

  it('names DATABASE_URL when the host does not exist', async () => {
    const message = await refusal(changed({ host: 'no-such-host.invalid:5432', password: PASSWORD }));
    expect(message).toMatch(/no-such-host\.invalid:5432 cannot be reached .*DATABASE_URL/);
  });

  it('gives a server up that accepts the connection and says nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const start = performance.now();
    expect(await refusal(changed({ host: `127.0.0.1:${port}` }))).toMatch(/cannot be reached .*DATABASE_URL/);
    expect(performance.now() - start).toBeLessThan(8_000);
    server.close();
  });

  it('names the user when the user or its password is refused', async () => {
    // A server that trusts everybody (trust authentication) still refuses a user that it does not have.
    const message = await refusal(changed({ username: 'no_such_user', password: PASSWORD }));
    expect(message).toMatch(/refused the user "no_such_user" or its password.*DATABASE_URL/);
  });

  it('says that the database is to be created', async () => {
    const message = await refusal(databaseUrl(database.url, 'no_such_database'));
    expect(message).toMatch(/no database "no_such_database".*createdb.*DATABASE_URL/);
  });

  it('shows nothing of an address it cannot read', async () => {
    const message = await refusal(`postgresql://user:${PASSWORD}@host:port/name`);
    expect(message).toMatch(/^DATABASE_URL is not a valid address/);
  });

  it('refuses ?schema=, which the driver would ignore', async () => {
    expect(await refusal(changed({ search: '?schema=mcp' }))).toContain('database of its own');
  });
});
