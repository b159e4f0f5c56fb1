#!/usr/bin/env node
// Prisma's schema engine for networks that its download host cannot be reached from: speaks the engine's protocol
// (JSON-RPC, one message a line, on stdio) to the Prisma CLI and answers with the same engine compiled to WebAssembly
// (@prisma/schema-engine-wasm), through @prisma/adapter-pg. prisma.config.ts chooses it when no native engine is there.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Client, escapeIdentifier } from 'pg';

const OID_CHAR = 18;
const OID_TEXT = 25;
const DUPLICATE_DATABASE = '42P04';
/** JSON-RPC codes: the engine's own "known error", and the standard's "method not found". */
const KNOWN_ERROR = 4466;
const METHOD_NOT_FOUND = -32601;
/** The methods whose name in the WebAssembly build differs from the protocol's. */
const RENAMED = { getDatabaseVersion: 'version' };
/** node's and PostgreSQL's codes of a failed connection, as Prisma's. */
const CONNECTION_ERRORS = { '3D000': 'P1003', '28P01': 'P1000', ECONNREFUSED: 'P1001', ENOTFOUND: 'P1001' };

const options = parseArguments(process.argv.slice(2));

/** The flags that the CLI passes: `--datamodels PATH` (repeated), `--datasource JSON`, `cli COMMAND`. */
function parseArguments(argv) {
  const parsed = { datamodels: [], datasource: {}, command: undefined, version: false };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--version') parsed.version = true;
    else if (argv[i] === '--datamodels') parsed.datamodels.push(argv[++i]);
    else if (argv[i] === '--datasource') parsed.datasource = JSON.parse(argv[++i]);
    else if (argv[i] === 'cli') parsed.command = argv[++i];
    else if (argv[i].startsWith('--')) i++;
  }
  return parsed;
}

/** Name and schema of the database that the CLI works on. */
function target() {
  const url = new URL(options.datasource.url);
  return { name: decodeURIComponent(url.pathname.slice(1)), schema: url.searchParams.get('schema') ?? 'public' };
}

/** The datasource's URL for node-postgres, which does not know `?schema=`; optionally of another database there. */
function connectionString(database = target().name) {
  const url = new URL(options.datasource.url);
  url.searchParams.delete('schema');
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.toString();
}

async function withClient(database, action) {
  const client = new Client({ connectionString: connectionString(database) });
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

/** Runs `action` in a database that is always there, so that another one can be created or dropped. */
async function asAdministrator(action) {
  const maintenance = await withClient('postgres', async () => 'postgres').catch(() => 'template1');
  return withClient(maintenance, action);
}

async function createDatabase() {
  const { name, schema } = target();
  await asAdministrator((client) => client.query(`CREATE DATABASE ${escapeIdentifier(name)}`)).catch((error) => {
    if (error.code !== DUPLICATE_DATABASE) throw error;
  });
  await withClient(name, (client) => client.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`));
  return { databaseName: name };
}

function dropDatabase(name) {
  const sql = `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`;
  return asAdministrator((client) => client.query(sql));
}

/** `cli can-connect-to-database | create-database | drop-database`: one action, its outcome as a log line and exit code. */
async function runCommand(command) {
  process.stderr.write('\n');
  try {
    if (command === 'can-connect-to-database') await withClient(target().name, async () => undefined);
    else if (command === 'create-database') await createDatabase();
    else if (command === 'drop-database') await dropDatabase(target().name);
    else throw new Error(`unknown command ${command}`);
    log('INFO', 'Connection successful');
  } catch (error) {
    log('ERROR', error.message, { error_code: CONNECTION_ERRORS[error.code] ?? 'P1010', is_panic: false });
    process.exitCode = 1;
  }
}

function log(level, message, extra = {}) {
  const line = { timestamp: new Date().toISOString(), level, fields: { message, ...extra }, target: 'schema_engine' };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/**
 * adapter-pg has no mapping for the catalogue's type "char", which the engine reads pg_constraint and its kin with:
 * such columns pass the adapter as text and are declared as characters afterwards.
 */
function mapCharColumns(queryable) {
  const performIO = queryable.performIO.bind(queryable);
  const queryRaw = queryable.queryRaw.bind(queryable);
  let columns = [];
  queryable.performIO = async (query) => {
    const result = await performIO(query);
    const fields = result.fields ?? [];
    columns = [...fields.keys()].filter((index) => fields[index].dataTypeID === OID_CHAR);
    for (const index of columns) fields[index].dataTypeID = OID_TEXT;
    return result;
  };
  queryable.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of columns) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  if (queryable.startTransaction) {
    const startTransaction = queryable.startTransaction.bind(queryable);
    queryable.startTransaction = async (isolation) => mapCharColumns(await startTransaction(isolation));
  }
  return queryable;
}

class AdapterFactory extends PrismaPg {
  async connect() {
    return mapCharColumns(await super.connect());
  }

  /**
   * A shadow database of our own. PrismaPg's version passes `connectionString` and `database` together; node-postgres
   * prefers the former, so the migrations would be replayed on the main database.
   */
  async connectToShadowDb() {
    const { url, shadowDatabaseUrl } = options.datasource;
    if (shadowDatabaseUrl) {
      if (shadowDatabaseUrl === url) throw new Error('The shadow database must not be the database itself.');
      return new AdapterFactory({ connectionString: shadowDatabaseUrl, max: 1 }).connect();
    }
    const name = `prisma_migrate_shadow_db_${randomUUID()}`;
    await asAdministrator((client) => client.query(`CREATE DATABASE ${escapeIdentifier(name)}`));
    const shadow = await new AdapterFactory({ connectionString: connectionString(name), max: 1 }).connect();
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await dropDatabase(name);
    };
    return shadow;
  }
}

async function loadEngine() {
  // The engine reports a panic here before it traps.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    message: '',
    set_message(message) {
      this.message = message;
    },
  };
  const module = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(fileURLToPath(new URL('./schema_engine_bg.wasm', module)));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  // oxlint-disable no-underscore-dangle -- the names are wasm-bindgen's.
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  // oxlint-enable no-underscore-dangle
}

/** A fresh engine for every request: its connector forgets the adapter factory after some calls. */
function newEngine() {
  const hasUrl = Boolean(options.datasource.url);
  const factory = new AdapterFactory(
    { connectionString: hasUrl ? connectionString() : undefined, max: 1 },
    { schema: hasUrl ? target().schema : 'public' },
  );
  const files = options.datamodels.map((path) => [path, readFileSync(path, 'utf8')]);
  const datamodels = files.length > 0 ? files : undefined;
  return bindings.SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
}

async function call(method, params) {
  if (method === 'createDatabase') return createDatabase();
  const engine = await newEngine();
  const name = RENAMED[method] ?? method;
  if (typeof engine[name] !== 'function') {
    throw Object.assign(new Error(`${method} is not in the WebAssembly engine`), { code: METHOD_NOT_FOUND });
  }
  // Only devDiagnostic hands the factory on to the connector; without it these two find no shadow database.
  if (method === 'evaluateDataLoss' || method === 'createMigration') {
    await engine.devDiagnostic({ migrationsList: params.migrationsList, filters: params.filters });
  }
  return (await engine[name](params)) ?? {};
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

async function answer({ id, method, params }) {
  try {
    const result = await call(method, params);
    // `prisma migrate diff` prints what arrives as a notification of its own.
    if (method === 'diff' && typeof result.stdout === 'string') {
      send({ id: id + 1000, method: 'print', params: { content: result.stdout } });
    }
    send({ id, result });
  } catch (error) {
    send({ id, error: toRpcError(error) });
  }
}

function toRpcError(error) {
  const panic = globalThis.PRISMA_WASM_PANIC_REGISTRY.message;
  return {
    code: Number.isInteger(error.code) ? error.code : KNOWN_ERROR,
    message: 'An error happened. Check the data field for details.',
    data: {
      is_panic: panic !== '',
      message: panic || error.message || String(error),
      error_code: typeof error.code === 'string' ? error.code : error.error_code,
      meta: error.meta ?? null,
    },
  };
}

/** Answers the CLI's requests one after another until it closes stdin. */
async function serve() {
  await loadEngine();
  let current;
  // A panic may surface outside the request's own promise: the request in flight must be answered all the same.
  process.on('uncaughtException', (error) => {
    log('ERROR', error.message, { is_panic: true, backtrace: error.stack });
    if (current !== undefined) send({ id: current.id, error: toRpcError(error) });
    process.exitCode = 1;
    process.stdin.destroy();
  });
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const request = JSON.parse(line);
    if (request.method === undefined) continue;
    current = request;
    await answer(request);
  }
}

if (options.version) process.stdout.write('schema-engine-cli wasm\n');
else if (options.command !== undefined) await runCommand(options.command);
else await serve();
