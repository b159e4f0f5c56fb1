import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { mcpHeaders } from '../support/mcp.js';
import { until } from '../support/until.js';

/** A wire to the database that can be cut and mended. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private open = true;
  url = '';

  constructor(private readonly target: URL) {}

  async start(): Promise<void> {
    this.server = createServer((client) => {
      if (!this.open) {
        client.destroy();
        return;
      }
      const upstream = connect(Number(this.target.port), this.target.hostname);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy()).on('close', () => (this.sockets.delete(from), to.destroy()));
      }
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    const url = new URL(this.target);
    url.port = String((this.server.address() as { port: number }).port);
    this.url = url.toString();
  }

  cut(): void {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.open = true;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server!.close(resolve));
  }
}

describe('the database away', () => {
  let environment: Environment;
  let wire: Wire;
  let app: TestApp;
  let warm: string;
  beforeAll(async () => {
    environment = await createEnvironment();
    const target = new URL(environment.database.url);
    target.port ||= '5432';
    wire = new Wire(target);
    await wire.start();
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
