import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, DatabaseError, escapeIdentifier } from 'pg';

/** What the run's test-server.ts announces. */
export interface TestServer {
  /** A database on the server from which others can be created. */
  readonly url: string;
  /** Name of the migrated database that tests copy. */
  readonly template: string;
  /** Every database of this run begins so, and is dropped at its end. */
  readonly prefix: string;
}

/** A migrated, empty database of one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it, cutting connections that are still open. */
  drop(): Promise<void>;
}

const OBJECT_IN_USE = '55006';
const CREATE_FOR_MS = 15_000;

/** Copies the migrated template: some 50 ms, in any number of workers at once. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { template } = testServer();
  return create(`TEMPLATE ${escapeIdentifier(template)}`);
}

/** A database without any tables, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return create('');
}

async function create(options: string): Promise<TestDatabase> {
  const { url, prefix } = testServer();
  const name = `${prefix}${randomBytes(5).toString('hex')}`;
  const identifier = escapeIdentifier(name);
  await retryWhileInUse(() => execute(url, `CREATE DATABASE ${identifier} ${options}`));
  return {
    url: databaseUrl(url, name),
    drop: () => execute(url, `DROP DATABASE IF EXISTS ${identifier} WITH (FORCE)`),
  };
}

/** The address of another database on the same server. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.toString();
}

function testServer(): TestServer {
  const outcome = JSON.parse(process.env.TEST_SERVER ?? '{}') as Partial<TestServer> & { error?: string };
  const { url, template, prefix } = outcome;
  if (url !== undefined && template !== undefined && prefix !== undefined) return { url, template, prefix };
  throw new Error(`No database for tests: ${outcome.error ?? 'the global setup did not run'}`);
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Two copies of one template may collide: PostgreSQL waits five seconds for the other one, then gives up. */
async function retryWhileInUse(action: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + CREATE_FOR_MS;
  for (;;) {
    try {
      await action();
      return;
    } catch (error) {
      const inUse = error instanceof DatabaseError && error.code === OBJECT_IN_USE;
      if (!inUse || performance.now() > deadline) throw error;
      await delay(50 + Math.random() * 100);
    }
  }
}
