// What the micro benchmarks share: each is a process of its own that prints its measures as one line of JSON.
import pg from 'pg';
import { startService } from '../../dist/app.js';
import { loadConfig } from '../../dist/config/load-config.js';
import { createLogger } from '../../dist/logging/logger.js';
import { startDatabase } from './database.mjs';
import { serviceEnvironment } from './identities.mjs';
import { freePort } from './server-process.mjs';

export const quick = process.env.BENCH_QUICK === 'true';

/** Statements this process has sent to PostgreSQL so far. */
export let statements = 0;
const { value: query } = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query');
pg.Client.prototype.query = function (...args) {
  statements += 1;
  return query.apply(this, args);
};

/**
 * Runs a micro benchmark and prints what it measured.
 * @param measure gets the database server; returns measures `{name, value, unit, limit?, atLeast?, detail?}`
 */
export async function micro(measure) {
  const database = await startDatabase();
  try {
    process.stdout.write(`${JSON.stringify(await measure(database))}\n`);
  } finally {
    await database.stop();
  }
}

/** The whole product on a database, in this process: for what is measured without HTTP. */
export async function openService(databaseUrl, sandbox) {
  const config = await loadConfig({
    NODE_ENV: 'production',
    ...serviceEnvironment(databaseUrl, `${sandbox.url}/api`, await freePort()),
    LOG_LEVEL: 'silent',
  });
  const service = await startService(config, createLogger(config));
  return {
    url: config.publicUrl,
    get: (token) => service.app.get(token, { strict: false }),
    close: () => service.close(),
  };
}

/** CPU microseconds of this process that an action takes. */
export async function cpuMicros(action) {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
