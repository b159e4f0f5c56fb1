import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { mcpHeaders } from '../support/mcp.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

describe('the database away', () => {
  let environment: Environment;
  let wire: Wire;
  let app: TestApp;
  let warm: string;
  beforeAll(async () => {
    environment = await createEnvironment();
    wire = await Wire.to(environment.database.url);
    app = await startApp(environment, { DATABASE_URL: wire.url });
    warm = (await mintToken(app)).token;
  });
  afterAll(async () => {
    await app?.close();
    await wire?.stop();
    await environment?.drop();
  });

  const call = (token: string) =>
    fetch(`${app.url}/mcp`, {
      method: 'POST',
      headers: mcpHeaders(token),
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });

  it('is a 503 with a code, never a 401; liveness green, readiness red; and all is well when it is back', async () => {
    const cold = (await mintToken(app, { name: 'cold' })).token;
    expect((await call(warm)).status).toBe(200);
    wire.cut();
    const ready = await until(
      () => fetch(`${app.url}/health/ready`),
      ({ status }) => status === 503,
    );
    expect([ready.status, (await fetch(`${app.url}/health/live`)).status]).toEqual([503, 200]);

    const answer = await call(cold);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(await answer.json()).toMatchObject({ error: { data: { code: 'database_unavailable' } } });
    // Forged tokens learn nothing more than good ones do.
    const forged = `${cold.slice(0, 19)}${randomBytes(8).toString('hex')}`;
    expect([401, 503]).toContain((await call(forged)).status);

    wire.mend();
    expect(
      await until(
        async () => (await call(cold)).status,
        (status) => status === 200,
        10_000,
      ),
    ).toBe(200);
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
  });
});
