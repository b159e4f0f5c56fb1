import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/start-sandbox.js';
import { openStream } from '../mcp/sse.js';
import { mcpHeaders, modernRequest } from '../support/mcp.js';
import { completed, type ServiceProcess, spawnTypeScript, startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

// Each test starts processes, and one may take 90 s on a busy machine.
jest.setTimeout(240_000);

const CALL = (name: string) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } });

/** Process ids of every PostgreSQL whose command line names the directory. */
async function postgresOf(directory: string): Promise<string[]> {
  const entries = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(
    entries.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
  );
  return lines.filter(([, line]) => line.includes('postgres') && line.includes(directory)).map(([pid]) => pid);
}

describe('the service as a process, on its embedded default', () => {
  let dataDir: string;
  let service: ServiceProcess | undefined;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tradecafe process '));
  });
  afterEach(async () => {
    await service?.kill('SIGKILL');
    service = undefined;
  });
  afterAll(async () => {
    await until(
      () => postgresOf(dataDir),
      (pids) => pids.length === 0,
      10_000,
    );
    await rm(dataDir, { recursive: true, force: true });
  });

  const call = (token: string, name = 'get_account_summary') =>
    fetch(`${service!.url}/mcp`, { method: 'POST', headers: mcpHeaders(token), body: CALL(name) });
  const tokens = (...args: string[]) =>
    completed(spawnTypeScript('src/cli/tokens.ts', args, { DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));

  it('prints the three addresses and how to sign in', async () => {
    service = await startServiceProcess({ DATA_DIR: dataDir });
    await until(
      () => service!.output(),
      (text) => text.includes(`${service!.url}/docs`),
    );
    for (const path of ['/mcp', '/settings/tokens', '/docs'])
      expect(service.output()).toContain(`${service.url}${path}`);
    expect(service.output()).toContain('demo');
    // Nobody who starts this can do anything about what a library thinks of their Node.js (docs/operations.md).
    expect(service.output()).not.toMatch(/oidc-provider|Unsupported runtime/);
    for (const path of ['/docs', '/login', '/health/ready'])
      expect([path, (await fetch(`${service.url}${path}`)).status]).toEqual([path, 200]);
  });

  it('kill -9 leaves no PostgreSQL behind and loses no token', async () => {
    service = await startServiceProcess({ DATA_DIR: dataDir });
    const minted = await tokens(
      'create',
      '--user',
      'usr_demo_8f3a91',
      '--name',
      'survivor',
      '--scopes',
      'read:account',
    );
    expect(minted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tc_pat_[0-9A-Za-z]{50}\n$/) as unknown });
    const token = minted.stdout.trim();
    expect((await call(token)).status).toBe(200);
    expect(await postgresOf(dataDir)).not.toEqual([]);

    await service.kill('SIGKILL');
    expect(
      await until(
        () => postgresOf(dataDir),
        (pids) => pids.length === 0,
      ),
    ).toEqual([]);

    service = await startServiceProcess({ DATA_DIR: dataDir });
    const answer = await call(token);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('usr_demo_8f3a91');

    expect((await tokens('revoke', '--user', 'usr_demo_8f3a91')).code).toBe(0);
    expect(
      await until(
        async () => (await call(token)).status,
        (status) => status !== 200,
        2_000,
      ),
    ).toBe(401);
  });

  it('a second process on the same directory is refused with the mend, and the first goes on', async () => {
    service = await startServiceProcess({ DATA_DIR: dataDir });
    const second = await completed(spawnTypeScript('src/main.ts', [], { DATA_DIR: dataDir, PORT: '0' }));
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(String(service.child.pid));
    expect(second.stderr).toContain('DATA_DIR');
    expect(second.stderr).not.toMatch(/\n\s+at /);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  it('a wrong variable stops the start and says what to set, without a stack', async () => {
    const refused = await completed(
      spawnTypeScript('src/main.ts', [], { DATA_DIR: dataDir, RATE_LIMIT_PER_MINUTE: 'many' }),
    );
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('RATE_LIMIT_PER_MINUTE is not usable: set calls per minute');
    expect(refused.stderr).not.toMatch(/\n\s+at /);
  });

  it('a port in use stops the start, and stops the database again', async () => {
    service = await startServiceProcess({ DATA_DIR: dataDir });
    const elsewhere = await mkdtemp(join(tmpdir(), 'tradecafe-port-'));
    const refused = await completed(
      spawnTypeScript('src/main.ts', [], { DATA_DIR: elsewhere, PORT: new URL(service.url).port }),
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('EADDRINUSE');
    expect(
      await until(
        () => postgresOf(elsewhere),
        (pids) => pids.length === 0,
      ),
    ).toEqual([]);
    await rm(elsewhere, { recursive: true, force: true });
  });

  it('SIGTERM lets a call in flight finish, then ends with 0 and no PostgreSQL', async () => {
    const secret = 'secret-of-the-slow-sandbox-00000000001';
    const sandbox = await startSandbox({ port: 0, jwtSecret: secret });
    try {
      service = await startServiceProcess({
        DATA_DIR: dataDir,
        TRADECAFE_MODE: 'mock',
        PWA_BE_BASE_URL: sandbox.baseUrl,
        PWA_BE_JWT_SECRET: secret,
      });
      const { stdout } = await tokens('create', '--user', 'usr_demo_8f3a91', '--name', 'slow', '--scopes', 'read:pool');
      sandbox.control.fault({ path: '/staking/client', kind: 'delay', delay_ms: 1_500 });
      const answer = call(stdout.trim(), 'get_pool_status');
      await until(
        () => sandbox.control.requests.snapshot().counts.reads,
        (count) => count > 0,
      );
      const ended = service.kill('SIGTERM');
      expect((await answer).status).toBe(200);
      expect(await ended).toEqual({ code: 0, signal: null });
      // The client's kept-alive connection was closed, not waited for.
      expect(service.output()).not.toContain('connections are cut');
      expect(await postgresOf(dataDir)).toEqual([]);
    } finally {
      await sandbox.stop();
    }
  });

  it('SIGTERM ends an open listen stream with its result, and waits for no connection that says nothing', async () => {
    service = await startServiceProcess({ DATA_DIR: dataDir });
    const scopes = ['--scopes', 'read:positions'];
    const { stdout } = await tokens('create', '--user', 'usr_demo_8f3a91', '--name', 'listener', ...scopes);
    const notifications = { resourceSubscriptions: ['tradecafe://positions/open'] };
    const { headers, body } = modernRequest('subscriptions/listen', { notifications });
    const stream = await openStream(`${service.url}/mcp`, mcpHeaders(stdout.trim(), headers), body);
    expect((await stream.next())?.method).toBe('notifications/subscriptions/acknowledged');
    const silent = connect(Number(new URL(service.url).port), '127.0.0.1');
    await once(silent, 'connect');

    const ended = service.kill('SIGTERM');
    let last = await stream.next();
    while (last?.method !== undefined) last = await stream.next();
    expect(last?.result?.['resultType']).toBe('complete');
    expect(await stream.next()).toBeUndefined();
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(service.output()).not.toContain('connections are cut');
    silent.destroy();
  });
});
