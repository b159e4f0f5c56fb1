import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultInput } from '../../src/sandbox/fault-rules.js';
import { TOOLS } from '../../src/tools/registry.js';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { errorOf, legacyClient, type McpClient } from '../support/mcp.js';

let environment: Environment;
beforeAll(async () => {
  environment = await createEnvironment({ PWA_BE_TIMEOUT_MS: '600' });
});
afterAll(() => environment?.drop());

/** An application for each group: broken connections open its breaker, and the next group must not see that. */
let app: TestApp;
let client: McpClient;
async function connect(): Promise<void> {
  app = await startApp(environment);
  client = await legacyClient(app.url, (await mintToken(app)).token);
}
async function disconnect(): Promise<void> {
  environment.sandbox.control.faults.clear();
  await client?.close();
  await app?.close();
}

const READS = TOOLS.filter((tool) => tool.annotations.readOnlyHint).map(({ name }) => name);
const argumentsOf = (name: string) => (name === 'get_signal_details' ? { signal_id: 'sig_2026060402' } : {});

describe.each<[string, FaultInput, string]>([
  ['401', { kind: 'status', status: 401 }, 'upstream_unauthorized'],
  ['404', { kind: 'status', status: 404 }, 'upstream_not_found'],
  ['422', { kind: 'status', status: 422 }, 'upstream_rejected'],
  ['500', { kind: 'status', status: 500 }, 'upstream_unavailable'],
  ['garbage', { kind: 'garbage' }, 'upstream_invalid'],
  ['another shape', { kind: 'status', status: 200, body: { surprise: true } }, 'upstream_invalid'],
  ['a hang', { kind: 'hang' }, 'upstream_timeout'],
  ['half an answer', { kind: 'half' }, 'upstream_unavailable'],
])('pwa-be answers %s', (_, fault, code) => {
  beforeAll(connect);
  afterEach(async () => {
    environment.sandbox.control.faults.clear();
    // One good answer: the breaker, which ten failures in a row open, is another test's matter.
    await client.call('get_pool_status');
  });
  afterAll(disconnect);

  it.each(READS)(`%s says ${code}, and never looks like data`, async (name) => {
    environment.sandbox.control.fault(fault);
    const result = await client.call(name, argumentsOf(name));
    expect([name, result.isError, errorOf(result)['code']]).toEqual([name, true, code]);
    expect(result.structuredContent).toBeUndefined();
    expect(result.content[0]!.text!.length).toBeGreaterThan(20);
    expect(JSON.stringify(result)).not.toContain('surprise');
  });
});

describe('part of pwa-be', () => {
  beforeAll(connect);
  afterEach(() => environment.sandbox.control.faults.clear());
  afterAll(disconnect);

  it('failing fails the whole answer: no default tier, no empty list', async () => {
    environment.sandbox.control.fault({ path: '/terminal/access', kind: 'status', status: 500 });
    for (const name of ['get_account_summary', 'get_subscription_status']) {
      expect(errorOf(await client.call(name))).toMatchObject({ code: 'upstream_unavailable' });
    }
    expect((await client.call('get_positions')).isError).toBeUndefined();
  });

  it('coming back is seen at once', async () => {
    environment.sandbox.control.fault({ kind: 'status', status: 500 });
    expect((await client.call('get_pool_status')).isError).toBe(true);
    environment.sandbox.control.faults.clear();
    expect((await client.call('get_pool_status')).isError).toBeUndefined();
  });
});
