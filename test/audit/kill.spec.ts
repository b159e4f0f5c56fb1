import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { LogVerifier } from '../../src/audit/log/log-verifier.js';
import { KeyRing, signingKey } from '../../src/audit/log/signing-key.js';
import { verifyDatabase } from '../../src/cli/audit-verify.js';
import { createEnvironment, type Environment, mintToken } from '../support/app.js';
import { startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

/** 50 ms is what the design allows; the rest is the slowness of a shared machine. */
const MAY_BE_LOST_MS = 1_000;

let environment: Environment;
let client: Client;
beforeAll(async () => {
  environment = await createEnvironment();
  client = new Client({ connectionString: environment.database.url });
  await client.connect();
});
afterAll(async () => {
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
    const service = await startServiceProcess(environment.variables);
    const { token } = await mintToken({ url: service.url, config: { publicUrl: service.url } });
    const answered: { id: string; at: number; write: boolean }[] = [];
    const call = async (method: string, path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${service.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': `${signal}-${answered.length}`,
        },
        body: body && JSON.stringify(body),
      });
      const answer: unknown = await response.json();
      answered.push({ id: response.headers.get('x-request-id')!, at: performance.now(), write: body !== undefined });
      return answer;
    };
    const target = signal === 'SIGKILL' ? { signal_id: 'sig_2026060402' } : { position_id: 'pos_2026060401' };
    const path = signal === 'SIGKILL' ? '/v1/trades/approve' : '/v1/positions/close';
    let running = true;
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        // A connection that is cut by the kill ends this one's part.
        while (running) await call('GET', '/v1/pool/status').catch(() => (running = false));
      }),
    );
    await until(
      () => answered.length,
      (count) => count > 100,
      20_000,
    );
    const preview = (await call('POST', `${path}/preview`, target)) as { action_token: string };
    const commit = await call('POST', path, { ...target, action_token: preview.action_token });
    expect(commit).toMatchObject({ status: expect.stringMatching(/succeeded|approved|closed|executed/) });
    const written = answered.at(-1)!;
    const killedAt = performance.now();
    await service.kill(signal);
    running = false;
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
