import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { LogVerifier } from '../../src/audit/log/log-verifier.js';
import { KeyRing, signingKey } from '../../src/audit/log/signing-key.js';
import { verifyDatabase } from '../../src/cli/audit-verify.js';
import { createEnvironment, type Environment, mintToken } from '../support/app.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

/** 50 ms is what the design allows; the rest is the slowness of a shared machine. */
const MAY_BE_LOST_MS = 1_000;

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
    await until(
      () => answered.length,
      (count) => count > 100,
      20_000,
    );
    const preview = (await call('POST', `${path}/preview`, target)).answer as { action_token: string };
    const written = await call('POST', path, { ...target, action_token: preview.action_token });
    expect(written.answer).toMatchObject({ dry_run: false, committed: expect.anything() });
    const killedAt = performance.now();
    await service.kill(signal);
    stopped.abort();
    await load;
    const stored = await rowsOf(answered.map(({ id }) => id));
    const lost = answered.filter(({ id }) => !stored.has(id));
    const before = signal === 'SIGKILL' ? killedAt - MAY_BE_LOST_MS : Number.POSITIVE_INFINITY;
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
