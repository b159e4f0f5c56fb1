import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/database/embedded/embedded-postgres.js';
import { migrate } from '../../dist/database/migrate.js';

/** Clock ticks of /proc/PID/stat are hundredths of a second on every Linux that Node runs on. */
const TICK_MICROS = 10_000;

/**
 * The benchmark's PostgreSQL: the product's own embedded one with its data under `directory`, or the server of DATABASE_URL.
 * Every database is made for this run and dropped at its end.
 */
export async function startDatabase(directory) {
  const given = process.env.DATABASE_URL;
  const server = given === undefined ? await startEmbeddedPostgres(directory) : undefined;
  const url = given ?? server.url;
  // A micro benchmark is told where the server of the whole run lives.
  const data = server === undefined ? process.env.BENCH_POSTGRES : join(directory, 'postgres');
  const prefix = `bench_${randomBytes(4).toString('hex')}_`;
  const made = [];
  const create = async (name, options = '') => {
    await execute(url, `CREATE DATABASE ${pg.escapeIdentifier(prefix + name)} ${options}`);
    made.push(prefix + name);
    return urlOf(url, prefix + name);
  };
  await migrate(await create('template'));
  return {
    url,
    directory: data,
    version: (await query(url, 'SHOW server_version'))[0].server_version,
    /** A migrated, empty database. @returns its connection string */
    create: (name) => create(name, `TEMPLATE ${pg.escapeIdentifier(`${prefix}template`)}`),
    /** CPU time in microseconds that all processes of the server have used; undefined where that cannot be known. */
    cpuMicros: () => (data ? serverCpu(data) : undefined),
    async stop() {
      for (const name of made) await execute(url, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
      await server?.stop();
    },
  };
}

/** Runs one statement on a connection of its own. @returns its rows */
export async function query(url, sql, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

async function execute(url, sql) {
  await query(url, sql);
}

function urlOf(serverUrl, name) {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

/** Of the postmaster, its children, and the children that have ended. */
function serverCpu(directory) {
  let postmaster;
  try {
    postmaster = Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  } catch {
    return undefined;
  }
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat);
  const ticks = processes.map((stat) => {
    if (stat === undefined) return 0;
    if (stat.pid === postmaster) return stat.own + stat.ended;
    return stat.parent === postmaster ? stat.own : 0;
  });
  return ticks.reduce((sum, value) => sum + value, 0) * TICK_MICROS;
}

function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { pid: Number(pid), parent: fields[1], own: fields[11] + fields[12], ended: fields[13] + fields[14] };
  } catch {
    // It ended between the listing and this look at it.
    return undefined;
  }
}
