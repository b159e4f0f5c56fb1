import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { LogVerifier } from '../../src/audit/log/log-verifier.js';
import { KeyRing, signingKey } from '../../src/audit/log/signing-key.js';
import { verifyDatabase } from '../../src/cli/audit-verify.js';
import { createEnvironment, type Environment, mintToken } from '../support/app.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

/** Rows of so long may be lost where a write costs next to nothing: what the log promises in docs/security.md. */
const MAY_BE_LOST_MS = 50;
/**
 * Writes whose slowness comes on top: the one that is under way when a row comes in, and its own. How slow they are at
 * this moment, on this machine, a write of the same sort beside them tells.
 */
const WRITES = 2;

let environment: Environment;
let client: Client;
let service: ServiceProcess | undefined;
beforeAll(async () => {
  environment = await createEnvironment();
  client = new Client({ connectionString: environment.database.url });
  await client.connect();
});
afterAll(async () => {
  await service?.kill('SIGKILL');
  await client?.end();
  await environment?.drop();
});

const rowsOf = async (ids: readonly string[]): Promise<Set<string>> => {
  const { rows } = await client.query<{ request_id: string }>(
    'SELECT request_id FROM audit_events WHERE request_id = ANY($1)',
    [ids],
  );
  return new Set(rows.map((row) => row.request_id));
};

/** Writes a row of its own over and over. @returns what the slowest of the last two seconds took, and what ends it */
async function measureWrites(): Promise<{ slowest(): number; stop(): Promise<void> }> {
  const probe = new Client({ connectionString: environment.database.url });
  await probe.connect();
  await probe.query('CREATE TABLE IF NOT EXISTS slowness (at timestamptz, text text)');
  const taken: { at: number; ms: number }[] = [];
  const stopped = new AbortController();
  const running = (async () => {
    while (!stopped.signal.aborted) {
      const begun = performance.now();
      await probe.query(`INSERT INTO slowness VALUES (now(), repeat('x', 300))`);
      taken.push({ at: begun, ms: performance.now() - begun });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    slowest: () => Math.max(...taken.filter(({ at }) => at > performance.now() - 2_000).map(({ ms }) => ms)),
    stop: async () => {
      stopped.abort();
      await running;
      await probe.end();
    },
  };
}

it('kill -9 under load costs the reads of the last moment at most, never a write; SIGTERM costs nothing', async () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    service = await startServiceProcess({ ...environment.variables, LOG_LEVEL: 'info' });
    const { url } = service;
    const { token } = await mintToken({ url, config: { publicUrl: url } });
    const answered: { id: string; at: number }[] = [];
    const call = async (method: string, path: string, body?: object): Promise<{ id: string; answer: unknown }> => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': `${signal}-${answered.length}`,
        },
        body: body && JSON.stringify(body),
      });
      const answer: unknown = await response.json();
      const id = response.headers.get('x-request-id')!;
      answered.push({ id, at: performance.now() });
      return { id, answer };
    };
    const target = signal === 'SIGKILL' ? { signal_id: 'sig_2026060402' } : { position_id: 'pos_2026060401' };
    const path = signal === 'SIGKILL' ? '/v1/trades/approve' : '/v1/positions/close';
    const stopped = new AbortController();
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        // A connection that is cut by the kill ends this one's part.
        while (!stopped.signal.aborted) await call('GET', '/v1/pool/status').catch(() => stopped.abort());
      }),
    );
    const under = (calls: number): Promise<number> => {
      const wanted = answered.length + calls;
      return until(
        () => answered.length,
        (count) => count > wanted,
        20_000,
      );
    };
    await under(100);
    const writes = await measureWrites();
    const preview = (await call('POST', `${path}/preview`, target)).answer as { action_token: string };
    const written = await call('POST', path, { ...target, action_token: preview.action_token });
    expect(written.answer).toMatchObject({ dry_run: false, committed: expect.anything() });
    await under(500);
    const killedAt = performance.now();
    await service.kill(signal);
    stopped.abort();
    await load;
    const mayBeLostMs = MAY_BE_LOST_MS + WRITES * writes.slowest();
    await writes.stop();
    const stored = await rowsOf(answered.map(({ id }) => id));
    const lost = answered.filter(({ id }) => !stored.has(id));
    const before = signal === 'SIGKILL' ? killedAt - mayBeLostMs : Number.POSITIVE_INFINITY;
    expect(lost.filter(({ at }) => at < before)).toEqual([]);
    const { rows } = await client.query<{ outcome: string }>(
      'SELECT outcome FROM audit_events WHERE request_id = $1 ORDER BY id',
      [written.id],
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['intent', 'ok']);
  }
  const { publicKey } = signingKey(environment.variables.AUDIT_SIGNING_KEY!);
  const report = await verifyDatabase(environment.database.url, new LogVerifier(new KeyRing([publicKey])));
  expect(report).toMatchObject({ problems: [], unsealed: 0 });
}, 120_000);
