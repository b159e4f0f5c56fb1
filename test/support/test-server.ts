// The database server of one Jest run, in a process of its own: it ends, leaving nothing behind, when its standard input
// does, and that happens however Jest ends. Prints one line of JSON (TestServer) when it is ready.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { databaseUrl, type TestServer } from './test-database.js';

/** A PostgreSQL server that databases may be created on, and how to leave it. */
interface Host {
  readonly url: string;
  leave(prefix: string): Promise<void>;
}

async function embeddedHost(): Promise<Host> {
  const directory = mkdtempSync(join(tmpdir(), 'tradecafe-postgres-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres(directory);
    return { url: server.url, leave: () => server.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The server of DATABASE_URL; its user needs CREATEDB. Only databases with the run's own prefix are touched. */
function configuredHost(url: string): Host {
  return { url, leave: (prefix) => withClient(url, (client) => dropAll(client, prefix)) };
}

async function withClient(url: string, action: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await action(client);
  } finally {
    await client.end();
  }
}

async function dropAll(client: Client, prefix: string): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { datname } of rows) {
    await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(datname)} WITH (FORCE)`);
  }
}

const inputEnded = new Promise((resolve) => process.stdin.once('end', resolve).once('error', resolve).resume());
// Jest may be gone before this is ready: that is no reason not to clean up.
process.stdout.on('error', () => undefined);
const prefix = `tradecafe_test_${randomBytes(4).toString('hex')}_`;
let host: Host | undefined;
try {
  host = process.env.DATABASE_URL ? configuredHost(process.env.DATABASE_URL) : await embeddedHost();
  const { url } = host;
  const template = `${prefix}template`;
  await withClient(url, async (client) => void (await client.query(`CREATE DATABASE ${template}`)));
  await migrate(databaseUrl(url, template));
  process.stdout.write(`${JSON.stringify({ url, template, prefix } satisfies TestServer)}\n`);
} catch (error) {
  // Specs that need no database run all the same; the others report this.
  const reason = error instanceof Error ? error.message : String(error);
  process.stdout.write(`${JSON.stringify({ error: reason })}\n`);
}
await inputEnded;
await host?.leave(prefix);
