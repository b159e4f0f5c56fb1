import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { type CallResult, errorOf, legacyClient } from '../support/mcp.js';
import { until } from '../support/until.js';
import {
  type Answer,
  legacyStdio,
  Machine,
  modernStdio,
  STDIO_ERAS,
  type StdioClient,
  type StdioOptions,
} from './support/stdio-process.js';

const SIGNAL = 'sig_2026060402';
const READS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['get_account_summary', {}],
  ['get_recent_signals', { limit: 5 }],
  ['get_signal_details', { signal_id: SIGNAL }],
  ['get_positions', { status: 'open' }],
  ['get_pnl_history', { timeframe: '7d' }],
  ['get_pool_status', {}],
  ['get_subscription_status', {}],
  ['get_referral_stats', {}],
];

let machine: Machine;
const clients: StdioClient[] = [];
beforeAll(async () => {
  machine = await Machine.create();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
}, 120_000);
afterAll(() => machine.remove());

async function open(
  connect: (options: StdioOptions) => Promise<StdioClient>,
  options: Partial<StdioOptions> = {},
): Promise<StdioClient> {
  const environment = { ...machine.environment, ...options.environment };
  const client = await connect({ ...options, environment });
  clients.push(client);
  return client;
}

const tokenOf = (result: CallResult): string => String(result.structuredContent?.['action_token']);
const commit = (client: StdioClient, preview: CallResult) =>
  client.call('approve_pending_trade', { signal_id: SIGNAL, dry_run: false, action_token: tokenOf(preview) });

describe.each(STDIO_ERAS)('nothing configured, %s', (_, connect) => {
  let environment: Environment;
  let app: TestApp;
  beforeAll(async () => {
    environment = await createEnvironment();
    app = await startApp(environment);
  });
  afterAll(async () => {
    await app?.close();
    await environment?.drop();
  });

  it('offers the ten tools, and answers as over HTTP', async () => {
    const client = await open(connect);
    const http = await legacyClient(app.url, (await mintToken(app)).token);
    expect(await client.listTools()).toEqual(await http.listTools());
    expect(await client.listTools()).toHaveLength(10);
    for (const [name, args] of READS) {
      const answer = await client.call(name, args);
      expect([name, answer.isError]).toEqual([name, undefined]);
      expect([name, answer.structuredContent]).toEqual([name, (await http.call(name, args)).structuredContent]);
    }
    expect((await client.call('get_positions', { status: 'sideways' })).isError).toBe(true);
    await http.close();
  }, 240_000);

  it('approves and closes: dry run, then commit, then nothing twice', async () => {
    const client = await open(connect);
    const refused = await client.call('approve_pending_trade', { signal_id: SIGNAL, dry_run: false });
    expect(errorOf(refused)['code']).toBe('action_token_required');
    const preview = await client.call('approve_pending_trade', { signal_id: SIGNAL });
    expect(preview.structuredContent).toMatchObject({ dry_run: true, committed: null });
    const committed = await commit(client, preview);
    expect(committed.structuredContent).toMatchObject({ dry_run: false, committed: { signal_id: SIGNAL } });

    const opened = await client.call('get_positions', { status: 'open' });
    const positions = opened.structuredContent?.['positions'] as { position_id: string; symbol: string }[];
    const { position_id } = positions.find(({ symbol }) => symbol === 'ETH-USDT')!;
    const closing = await client.call('close_position', { position_id });
    const closed = await client.call('close_position', { position_id, dry_run: false, action_token: tokenOf(closing) });
    expect(closed.structuredContent).toMatchObject({ dry_run: false, committed: { position_id } });
    expect(errorOf(await client.call('close_position', { position_id }))['code']).toBe('position_not_found');
  }, 240_000);

  it('asks the person on the same pipe where a commit needs one', async () => {
    const guarded = { TRADECAFE_WRITE_POLICY: 'human_required' };
    const answers: Answer[] = [{ action: 'decline' }, { action: 'accept', content: { confirm: true } }];
    const client = await open(connect, { environment: guarded, answer: () => answers.shift()! });
    const preview = await client.call('approve_pending_trade', { signal_id: SIGNAL });
    expect(client.asked).toEqual([]);
    expect(errorOf(await commit(client, preview))['code']).toBe('confirmation_declined');
    const again = await client.call('approve_pending_trade', { signal_id: SIGNAL });
    expect((await commit(client, again)).structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
    expect(client.asked).toHaveLength(2);
    expect(client.asked[0]).toContain('ETH-USDT');
  }, 240_000);
});

it('a client of its own has an application of its own', async () => {
  const [first, second] = await Promise.all([open(legacyStdio), open(modernStdio)]);
  const previews = await Promise.all(
    [first, second].map((client) => client.call('approve_pending_trade', { signal_id: SIGNAL })),
  );
  expect(await machine.leftovers()).toHaveLength(2);
  expect((await commit(first, previews[0]!)).structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
  // Nothing of the first one's is known to the second: neither its commit nor its action token.
  expect(errorOf(await commit(second, previews[0]!))['code']).toBe('action_token_invalid');
  expect((await commit(second, previews[1]!)).structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
}, 240_000);

it('leaves nothing behind', async () => {
  const client = await open(legacyStdio);
  await client.call('get_account_summary');
  expect(await machine.leftovers()).toHaveLength(1);
  expect(await machine.postgres()).not.toEqual([]);
  await client.close();
  expect(
    await until(
      () => machine.leftovers(),
      (names) => names.length === 0,
      15_000,
    ),
  ).toEqual([]);
  expect(
    await until(
      () => machine.postgres(),
      (pids) => pids.length === 0,
      15_000,
    ),
  ).toEqual([]);
}, 240_000);

it('kill -9 leaves no PostgreSQL, and the next start removes what it left of the data', async () => {
  const killed = await open(legacyStdio);
  await killed.call('get_account_summary');
  const [left] = await machine.leftovers();
  killed.process.child.kill('SIGKILL');
  expect(
    await until(
      () => machine.postgres(),
      (pids) => pids.length === 0,
      15_000,
    ),
  ).toEqual([]);
  expect(await machine.leftovers()).toEqual([left]);

  const next = await open(legacyStdio);
  await next.call('get_account_summary');
  const now = await machine.leftovers();
  expect(now).toHaveLength(1);
  expect(now).not.toContain(left);
}, 240_000);
