import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResult } from 'pg';
import { runningEmbeddedUrl, startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { type OwnerProcess, startOwner } from './support/owner-process.js';
import { waitFor } from './support/wait.js';

const NOBODY = 65534;
const CONNECTION_LOST_MS = 10_000;

describe('embedded PostgreSQL', () => {
  /** A data directory that has been used before: making one costs a second of processor time. */
  let used: string;
  let root: string;
  let dataDir: string;
  let owners: OwnerProcess[];

  beforeAll(async () => {
    used = mkdtempSync(join(tmpdir(), 'tradecafe-embedded-'));
    await (await startEmbeddedPostgres(used)).stop();
  });

  afterAll(() => rmSync(used, { recursive: true, force: true }));

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tradecafe embedded '));
    dataDir = join(root, 'data');
    owners = [];
  });

  afterEach(async () => {
    for (const owner of owners)
      if (owner.process.exitCode === null && owner.process.signalCode === null) await owner.end();
    await waitFor('the servers to end', () => serverProcesses(root).length === 0, CONNECTION_LOST_MS);
    rmSync(root, { recursive: true, force: true });
  });

  function reuse(): void {
    cpSync(used, dataDir, { recursive: true });
  }

  async function own(options = {}): Promise<OwnerProcess> {
    const owner = await startOwner(dataDir, options);
    owners.push(owner);
    return owner;
  }

  it('starts on the loopback only, with a password, and ends completely', async () => {
    const server = await startEmbeddedPostgres(dataDir);
    const { rows } = await query(
      server.url,
      "SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'fsync', 'unix_socket_directories') ORDER BY 1",
    );
    expect(rows.map((row) => row.setting)).toEqual(['on', '127.0.0.1', '']);
    const guess = new URL(server.url);
    guess.password = 'wrong';
    await expect(query(guess.toString(), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
    await server.stop();
    await server.stop();
    expect(serverProcesses(root)).toEqual([]);
    expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(false);
  });

  it('refuses a second process and tells it who owns the directory and what to do', async () => {
    reuse();
    const first = await own();
    const second = await own();
    expect(second.error).toContain(`in use by process ${first.process.pid}`);
    for (const mend of [dataDir, 'Stop that process', 'DATA_DIR', 'DATABASE_URL']) expect(second.error).toContain(mend);
    // The refused one has not harmed the owner.
    await expect(query(first.url, 'SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
  });

  it('lets one of several processes that start at once have a new directory', async () => {
    const started = await Promise.all([own(), own(), own()]);
    expect(started.filter((owner) => owner.error === undefined)).toHaveLength(1);
    for (const owner of started) if (owner.error !== undefined) expect(owner.error).toContain('in use by process');
  });

  it('lets a command in another process find the running server', async () => {
    reuse();
    expect(runningEmbeddedUrl(dataDir)).toBeUndefined();
    const owner = await own();
    const url = runningEmbeddedUrl(dataDir);
    expect(url).toBe(owner.url);
    await owner.end();
    expect(runningEmbeddedUrl(dataDir)).toBeUndefined();
  });

  it('leaves no server behind when the owner is killed, and loses nothing that was committed', async () => {
    reuse();
    const owner = await own();
    await query(owner.url, 'CREATE TABLE kept (n int)');
    await query(owner.url, 'INSERT INTO kept SELECT generate_series(1, 1000)');
    await owner.kill();
    await waitFor('the server to end', () => serverProcesses(root).length === 0, CONNECTION_LOST_MS);
    const next = await own();
    expect((await query(next.url, 'SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 1000 }]);
  });

  it('takes over at once after a kill, while the old server may still be ending', async () => {
    reuse();
    const owner = await own();
    await query(owner.url, 'CREATE TABLE kept (n int)');
    await owner.kill();
    const next = await own();
    expect(next.error).toBeUndefined();
    expect((await query(next.url, 'SELECT * FROM kept')).rowCount).toBe(0);
  });

  it('recovers when owner and server were killed together', async () => {
    reuse();
    const owner = await own();
    await query(owner.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    const [postmaster] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(postmaster), 'SIGKILL');
    await owner.kill();
    const next = await own();
    expect(next.error).toBeUndefined();
    expect((await query(next.url, 'SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 1000 }]);
  });

  it('starts the server again, at the same address, when somebody kills it', async () => {
    reuse();
    const owner = await own();
    await query(owner.url, 'CREATE TABLE kept (n int)');
    const [postmaster] = serverProcesses(root);
    process.kill(postmaster ?? 0, 'SIGKILL');
    const answers = (): Promise<boolean> =>
      query(owner.url, 'SELECT * FROM kept').then(
        () => true,
        () => false,
      );
    await waitFor('the server to end', () => !serverProcesses(root).includes(postmaster ?? 0), CONNECTION_LOST_MS);
    await waitFor('the server to come back', answers, CONNECTION_LOST_MS);
    expect(runningEmbeddedUrl(dataDir)).toBe(owner.url);
  });

  it('stops a server that outlived its owner, then starts its own', async () => {
    reuse();
    // As where no setpriv is: the server knows nothing of its parent.
    const bin = join(root, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'setpriv'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const owner = await own({ env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
    const before = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0];
    await owner.kill();
    expect(serverProcesses(root).map(String)).toContain(before);
    const next = await own();
    expect(next.error).toBeUndefined();
    await expect(query(next.url, 'SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
    expect(serverProcesses(root).map(String)).not.toContain(before);
  });

  it('takes over the lock and the pid file of dead processes whose pids now belong to others', async () => {
    reuse();
    // This very process lives, but is neither the owner nor the server that these files speak of.
    writeFileSync(
      join(dataDir, 'postgres.lock'),
      JSON.stringify({ pid: process.pid, identity: 'of an earlier process' }),
    );
    const stale = [process.pid, join(dataDir, 'postgres'), 1_700_000_000, 5432, '', '127.0.0.1', '', 'ready', ''].join(
      '\n',
    );
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), stale, { mode: 0o600 });
    expect(runningEmbeddedUrl(dataDir)).toBeUndefined();
    const next = await own();
    expect(next.error).toBeUndefined();
  });

  it('takes over a lock that its writer died over', async () => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'postgres.lock'), '');
    expect((await own()).error).toBeUndefined();
  });

  it('begins again when it was killed while it made the database', async () => {
    mkdirSync(join(dataDir, 'postgres.new', 'cluster'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres.new', 'cluster', 'PG_VERSION'), '18');
    expect((await own()).error).toBeUndefined();
  });

  it('says what to do when the password is lost', async () => {
    reuse();
    rmSync(join(dataDir, 'postgres.password'));
    const next = await own();
    expect(next.error).toContain('postgres.password is missing');
    expect(next.error).toContain('DATABASE_URL');
  });

  it('ignores the PG* variables of the environment', async () => {
    reuse();
    const env = {
      ...process.env,
      PGPORT: '1',
      PGHOST: '192.0.2.1',
      PGSSLMODE: 'require',
      PGDATABASE: 'x',
      PGDATA: '/x',
    };
    expect((await own({ env })).error).toBeUndefined();
  });

  // Only root can become somebody else; an ordinary user's run covers the same by itself.
  const asNobody = process.getuid?.() === 0 && readableToNobody() ? it : it.skip;
  asNobody('works for an ordinary user', async () => {
    mkdirSync(dataDir, { mode: 0o700 });
    chmodSync(root, 0o755);
    chownSync(dataDir, NOBODY, NOBODY);
    const owner = await own({ uid: NOBODY, gid: NOBODY });
    expect(owner.error).toBeUndefined();
    await expect(query(owner.url, 'SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(NOBODY);
    await owner.kill();
    await waitFor('the server to end', () => serverProcesses(root).length === 0, CONNECTION_LOST_MS);
  });

  asNobody('works for root where user namespaces are forbidden, and changes between both ways', async () => {
    reuse();
    chmodSync(root, 0o755);
    const bin = join(root, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const owner = await own({ env });
    expect(owner.error).toBeUndefined();
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(NOBODY);
    await owner.kill();
    await waitFor('the server to end', () => serverProcesses(root).length === 0, CONNECTION_LOST_MS);
    expect((await own()).error).toBeUndefined();
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(0);
  });

  asNobody('makes a new database for root where user namespaces are forbidden', async () => {
    chmodSync(root, 0o755);
    const bin = join(root, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const owner = await own({ env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
    expect(owner.error).toBeUndefined();
    expect(statSync(join(dataDir, 'postgres.password'))).toMatchObject({ uid: 0 });
  });
});

async function query(url: string, sql: string): Promise<QueryResult> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Pids of PostgreSQL servers whose data is below `directory`. */
function serverProcesses(directory: string): number[] {
  const lines = execFileSync('ps', ['-ww', '-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => line.includes(`-D ${directory}`) && line.includes('bin/postgres'))
    .map((line) => parseInt(line, 10));
}

/** Whether `nobody` can read this checkout and its Node; not so below a home directory. */
function readableToNobody(): boolean {
  const options = { uid: NOBODY, gid: NOBODY, cwd: '/' };
  return spawnSync(process.execPath, ['--check', join(process.cwd(), 'scripts/prepare.mjs')], options).status === 0;
}
