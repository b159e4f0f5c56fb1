import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { OauthCleanup } from '../../src/auth/oauth/cleanup.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { callMcp, connect, refresh, register } from './support/flow.js';

let environment: Environment;
let instances: TestApp[];
let sql: Client;
beforeAll(async () => {
  environment = await createEnvironment({ TRUST_PROXY: '127.0.0.1' });
  const first = await startApp(environment);
  instances = [first, await startApp(environment, { PUBLIC_URL: first.config.publicUrl })];
  sql = new Client({ connectionString: environment.database.url });
  await sql.connect();
});
afterAll(async () => {
  await sql?.end();
  for (const instance of instances ?? []) await instance.close();
  await environment?.drop();
});

const sweep = (instance = instances[0]!): Promise<number> => instance.service.app.get(OauthCleanup).sweep();

async function newestGrant(): Promise<string> {
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM oauth_grants ORDER BY created_at DESC LIMIT 1');
  return rows[0]!.id;
}

/** Rows of a grant: itself, and its codes and tokens. */
async function rowsOf(grantId: string): Promise<{ grants: number; artifacts: number }> {
  const { rows } = await sql.query<{ grants: number; artifacts: number }>(
    `SELECT (SELECT count(*)::int FROM oauth_grants WHERE id = $1) AS grants,
            (SELECT count(*)::int FROM oauth_artifacts WHERE grant_id = $1) AS artifacts`,
    [grantId],
  );
  return rows[0]!;
}

describe('the cleanup', () => {
  it('takes nothing that is alive, or expired less than a day ago', async () => {
    const tokens = await connect(instances[0]!);
    const grantId = await newestGrant();
    const before = await rowsOf(grantId);
    await sql.query("UPDATE oauth_artifacts SET expires_at = now() - interval '23 hours' WHERE model = 'AccessToken'");
    await sweep();
    expect(await rowsOf(grantId)).toEqual(before);
    expect((await refresh(instances[0]!, tokens)).status).toBe(200);
  });

  it('takes what expired more than a day ago, and then the grant that nothing stands on any more', async () => {
    const lost = await connect(instances[0]!);
    const gone = await newestGrant();
    const kept = await connect(instances[0]!);
    const grantId = await newestGrant();
    await sql.query("UPDATE oauth_artifacts SET expires_at = now() - interval '25 hours' WHERE grant_id = $1", [gone]);
    await sweep();
    // Younger than a day: it may be waiting for its first token.
    expect(await rowsOf(gone)).toEqual({ grants: 1, artifacts: 0 });
    await sql.query("UPDATE oauth_grants SET created_at = created_at - interval '2 days'");
    await sweep();
    expect(await rowsOf(gone)).toEqual({ grants: 0, artifacts: 0 });
    expect((await rowsOf(grantId)).grants).toBe(1);
    expect((await refresh(instances[0]!, lost)).status).toBe(400);
    expect((await callMcp(instances[0]!, kept.access)).status).toBe(200);
  });

  it('is one instance at a time, and the next one goes on when that one is gone', async () => {
    await register(instances[0]!);
    await sql.query("UPDATE oauth_artifacts SET created_at = now() - interval '2 days' WHERE model = 'Client'");
    // Somebody else is at it, and dies: what it held ends with its connection.
    const other = new Client({ connectionString: environment.database.url });
    await other.connect();
    await other.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('oauth:cleanup', 0))");
    expect(await Promise.all(instances.map(sweep))).toEqual([0, 0]);
    await other.end();
    const removed = await Promise.all(instances.map(sweep));
    expect(removed.reduce((sum, count) => sum + count, 0)).toBe(1);
  });
});
