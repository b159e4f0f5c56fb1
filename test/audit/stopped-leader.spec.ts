import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { LogVerifier } from '../../src/audit/log/log-verifier.js';
import { KeyRing, signingKey } from '../../src/audit/log/signing-key.js';
import { verifyDatabase } from '../../src/cli/audit-verify.js';
import { createEnvironment, type Environment, mintToken } from '../support/app.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

const BOUND_MS = 60_000;

let environment: Environment;
let client: Client;
let token: string;
const fleet = new Map<string, ServiceProcess>();
beforeAll(async () => {
  environment = await createEnvironment();
  client = new Client({ connectionString: environment.database.url });
  await client.connect();
  for (const name of ['one', 'two']) {
    const url = new URL(environment.database.url);
    // Tells whose connection it is that seals.
    url.searchParams.set('application_name', name);
    fleet.set(name, await startServiceProcess({ ...environment.variables, DATABASE_URL: url.href, LOG_LEVEL: 'info' }));
  }
  const { url } = fleet.get('one')!;
  ({ token } = await mintToken({ url, config: { publicUrl: url } }));
}, 200_000);
afterAll(async () => {
  for (const service of fleet.values()) {
    service.child.kill('SIGCONT');
    await service.kill('SIGKILL');
  }
  await client?.end();
  await environment?.drop();
}, 60_000);

/** Calls that are answered; one that was stopped has connections to replace first. */
async function call(service: ServiceProcess, times = 5): Promise<void> {
  const statusOf = async (): Promise<number> => {
    const response = await fetch(`${service.url}/v1/pool/status`, { headers: { authorization: `Bearer ${token}` } });
    await response.text();
    return response.status;
  };
  for (let i = 0; i < times; i++) expect(await until(statusOf, (status) => status === 200, BOUND_MS)).toBe(200);
}

async function countOf(sql: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`);
  return Number(rows[0]!.n);
}

/** The instance that holds the sealer's lock and waits for a table of ours. */
async function waitingLeader(): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objid = 7261905 AND a.wait_event_type = 'Lock'
       AND a.datname = current_database()`,
  );
  return rows[0]?.name;
}

/** Locks a table against writing, at a moment when there is something to seal. */
async function lockWhileRowsWait(table: string, write: () => Promise<unknown>): Promise<void> {
  const waiting = await until(
    async () => {
      await client.query('COMMIT');
      await write();
      await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
      return countOf('audit_unsealed');
    },
    (count) => count > 0,
    BOUND_MS,
  );
  expect(waiting).toBeGreaterThan(0);
}

const sealed = () =>
  until(
    () => countOf('audit_unsealed'),
    (waiting) => waiting === 0,
    BOUND_MS,
  );

async function expectWhole(): Promise<void> {
  const { publicKey } = signingKey(environment.variables.AUDIT_SIGNING_KEY!);
  const report = await verifyDatabase(environment.database.url, new LogVerifier(new KeyRing([publicKey])));
  expect(report.problems).toEqual([]);
  expect(await countOf('audit_checkpoints')).toBe(
    await countOf('(SELECT DISTINCT previous_root FROM audit_checkpoints) AS c'),
  );
}

it.each([
  ['when it has read the head', 'audit_unsealed'],
  ['when it has written all but the end of its transaction', 'audit_checkpoints'],
])(
  'a leader that is stopped %s: another one seals, and it does not seal again when it goes on',
  async (_, table) => {
    const [one, two] = [fleet.get('one')!, fleet.get('two')!];
    await call(one);
    expect(await sealed()).toBe(0);
    await lockWhileRowsWait(table, () => Promise.all([call(one, 1), call(two, 1)]));
    const leader = await until(waitingLeader, (name) => name !== undefined, 20_000);
    expect(['one', 'two']).toContain(leader);
    const stopped = fleet.get(leader!)!;
    const other = leader === 'one' ? two : one;
    stopped.child.kill('SIGSTOP');
    await client.query('COMMIT');
    const before = await countOf('audit_checkpoints');

    await call(other);
    expect(await sealed()).toBe(0);
    expect(await countOf('audit_checkpoints')).toBeGreaterThan(before);
    await expectWhole();

    stopped.child.kill('SIGCONT');
    await call(stopped);
    // Alone it has to be able to, still.
    other.child.kill('SIGSTOP');
    await call(stopped);
    expect(await sealed()).toBe(0);
    other.child.kill('SIGCONT');
    await call(other);
    expect(await sealed()).toBe(0);
    await expectWhole();
  },
  200_000,
);
