import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEMO_USER } from '../../src/config/demo.js';
import { mintSession } from '../../src/auth/session/session-token.js';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { legacyClient, type McpClient } from '../support/mcp.js';
import { type NpmClient, type NpmResult, startNpmClient } from './npm-client.js';
import { profile, questions, world } from './world.js';

/**
 * The public npm client, unmodified, at /api, beside our own tools at /mcp, for the same user over the same data:
 * structured results are equal, field by field. What differs on purpose, each with its test below:
 * - rows with `pending: true` are no positions of ours: they wait for approval and nothing is at stake yet. The npm client
 *   knows no such mark, lists them, and would approve and close any row; so no generated row carries it;
 * - a trial whose end is not known has null days left instead of 0: it may run for weeks;
 * - a subscription of a type that nobody knew has its own name instead of none;
 * - a referral code that is no plain word is percent-encoded in the link: it is user-made, and must not lead it elsewhere;
 * - an id names the position that has it, and only then the group of another one: the npm client takes whichever is first;
 * - a commit's result names the symbol as ETH-USDT, as everything else does; the npm client says ETHUSDT for an approval;
 * - a failed read is an error, where the npm client shows an empty list or a default tier that reads as data;
 * - an action token of the npm client is its own and lives in its process; ours is tc_act_…;
 * - `approved_at` and `closed_at` are each one's own "now".
 */

let environment: Environment;
let app: TestApp;
let theirs: NpmClient;
let ours: McpClient;

beforeAll(async () => {
  environment = await createEnvironment({ COMMITS_PER_HOUR: '1000' });
  app = await startApp(environment);
  const { token } = await mintToken(app);
  theirs = await startNpmClient(`${app.url}/api`, token);
  ours = await legacyClient(app.url, token);
});
afterEach(() => environment.sandbox.control.reset());
afterAll(async () => {
  await theirs?.close();
  await ours?.close();
  await app?.close();
  await environment?.drop();
});

/** The demo user, with other data. */
function become(data: Parameters<typeof environment.sandbox.control.replaceData>[1], person: object): void {
  const { control } = environment.sandbox;
  control.replaceData(DEMO_USER.id, { ...data, profile: { ...control.data(DEMO_USER.id)!.profile, ...person } });
}

/** One question to both, as JSON; `list`: the member in which we wrap what is an array elsewhere. */
async function both(tool: string, args: Record<string, unknown> = {}, list?: string) {
  const [their, our] = await Promise.all([theirs.call(tool, args), ours.call(tool, args)]);
  const { structuredContent } = our;
  const result = list === undefined ? structuredContent : structuredContent?.[list];
  return {
    theirs: their.ok ? their.value : 'failed',
    ours: our.isError === true ? 'failed' : result,
  };
}

/** @throws when they differ */
async function same(...question: Parameters<typeof both>): Promise<void> {
  const answers = await both(...question);
  expect([question[0], answers.ours]).toEqual([question[0], answers.theirs]);
}

function value(result: NpmResult): Record<string, unknown> {
  if (!result.ok) throw new Error(result.text);
  return result.value as Record<string, unknown>;
}

it('has the same ten tools', async () => {
  const names = (await ours.listTools()).map(({ name }) => name);
  expect(await theirs.listTools()).toEqual(names);
  expect(names).toHaveLength(10);
});

describe('over the same data, the same results', () => {
  it("over the demo user's", async () => {
    await same('get_account_summary');
    await same('get_recent_signals', { include_history: true, limit: 100 }, 'signals');
    await same('get_signal_details', { signal_id: 'sig_2026060402' });
    await same('get_positions', { status: 'closed', limit: 200 }, 'positions');
    await same('get_pnl_history', { timeframe: '365d' });
    await same('get_pool_status');
    await same('get_subscription_status');
    await same('get_referral_stats');
  });

  it('over generated data', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        profile,
        questions,
        async (data, person, { signals, positions, timeframe, pick, old }) => {
          become(data, person);
          const known = (await both('get_recent_signals', { include_history: true, limit: 100 }, 'signals')).ours;
          const ids = [...(known as { signal_id: string }[]).map((signal) => signal.signal_id), 'nowhere'];
          await same('get_account_summary');
          await same('get_recent_signals', signals, 'signals');
          await same('get_signal_details', { signal_id: ids[pick % ids.length] });
          await same('get_signal_details', { signal_id: `old_${old}` });
          await same('get_positions', positions, 'positions');
          await same('get_pnl_history', { timeframe });
          await same('get_pool_status');
          await same('get_subscription_status');
          await same('get_referral_stats');
        },
      ),
      { numRuns: 25 },
    );
  }, 240_000);

  it('previews of both writes over generated data', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), async (data, picks) => {
        // Without the mark, as real pwa-be: whatever is open may be approved, on both sides.
        environment.sandbox.control.settings({ send_pending: false });
        environment.sandbox.control.replaceData(DEMO_USER.id, data);
        const open = (await both('get_positions', { status: 'open' }, 'positions')).ours as { position_id: string }[];
        // Their own ids, those of the group that they belong to, and one that is not there.
        const groups = data.trades.flatMap(({ openSignalId }) => openSignalId ?? []);
        const ids = [...open.map((position) => position.position_id), ...groups, 'nowhere'];
        for (const [tool, args] of picks
          .map((pick) => ids[pick % ids.length])
          .flatMap((id) => [
            ['approve_pending_trade', { signal_id: id }] as const,
            ['close_position', { position_id: id }] as const,
          ])) {
          const answers = await both(tool, args);
          const preview = (of: unknown): unknown => (of === 'failed' ? of : (of as { preview: unknown }).preview);
          expect([tool, preview(answers.ours)]).toEqual([tool, preview(answers.theirs)]);
        }
      }),
      { numRuns: 15 },
    );
  }, 240_000);
});

describe('both writes through the npm client', () => {
  it('dry run, then commit: one effect each, and the same position afterwards', async () => {
    const signal = { signal_id: 'sig_2026060402' };
    const dryRun = value(await theirs.call('approve_pending_trade', signal));
    expect(dryRun).toMatchObject({ dry_run: true, committed: null, preview: { symbol: 'ETH-USDT', size_usdt: 100 } });
    expect(environment.sandbox.control.journal()).toEqual([]);
    const approved = value(
      await theirs.call('approve_pending_trade', { ...signal, dry_run: false, action_token: dryRun['action_token'] }),
    );
    expect(approved).toMatchObject({ dry_run: false, committed: { ...signal, symbol: 'ETHUSDT', side: 'long' } });
    await same('get_positions', { status: 'open' }, 'positions');

    const position = { position_id: 'pos_2026060401' };
    const closing = value(await theirs.call('close_position', position));
    const closed = value(
      await theirs.call('close_position', { ...position, dry_run: false, action_token: closing['action_token'] }),
    );
    expect(closed).toMatchObject({ committed: { ...position, symbol: 'BTC-USDT' } });
    expect(environment.sandbox.control.journal()).toMatchObject([
      { action: 'approve', id: signal.signal_id, user: DEMO_USER.id },
      { action: 'close', id: position.position_id, user: DEMO_USER.id },
    ]);
  });

  it("passes TradeCafe's own refusal on", async () => {
    environment.sandbox.control.settings({ drawdown_pct: 40 });
    const signal = { signal_id: 'sig_2026060402' };
    const dryRun = value(await theirs.call('approve_pending_trade', signal));
    const refused = await theirs.call('approve_pending_trade', {
      ...signal,
      dry_run: false,
      action_token: dryRun['action_token'],
    });
    expect(refused).toMatchObject({ ok: false, text: expect.stringContaining('commit_refused') as unknown });
    expect(environment.sandbox.control.journal()).toEqual([]);
  });
});

describe('deliberately different', () => {
  it('a trade that waits for approval is no position', async () => {
    const answers = await both('get_positions', { status: 'open' }, 'positions');
    const ids = (of: unknown): string[] => (of as { position_id: string }[]).map((position) => position.position_id);
    expect(ids(answers.theirs).filter((id) => !ids(answers.ours).includes(id))).toEqual(['sig_2026060402']);
  });

  it('the end of a trial that is not known is null days away', async () => {
    const { subscriptions } = environment.sandbox.control.data(DEMO_USER.id)!;
    environment.sandbox.control.replaceData(DEMO_USER.id, {
      subscriptions: subscriptions.map((one) => Object.assign(one, { nextPaymentDate: null })),
    });
    const answers = await both('get_account_summary');
    expect(answers).toMatchObject({
      theirs: { free_trial_days_remaining: 0 },
      ours: { free_trial_days_remaining: null },
    });
  });

  it('a subscription of an unknown type has its own name', async () => {
    const { subscriptions } = environment.sandbox.control.data(DEMO_USER.id)!;
    environment.sandbox.control.replaceData(DEMO_USER.id, {
      subscriptions: [{ ...subscriptions[0]!, type: 'SOMETHING NEW' }],
    });
    const answers = await both('get_subscription_status');
    expect(answers.ours).toMatchObject({ products: [{ type: 'SOMETHING NEW' }] });
    expect((answers.theirs as { products: object[] }).products[0]).not.toHaveProperty('type');
  });

  it('a referral code that is no plain word does not lead the link elsewhere', async () => {
    become({}, { referralCode: '../a?b#c' });
    const answers = await both('get_referral_stats');
    expect(answers).toMatchObject({
      theirs: { referral_code: '../a?b#c', referral_link: 'https://tradecafe.ai/join/../a?b#c' },
      ours: { referral_code: '../a?b#c', referral_link: 'https://tradecafe.ai/join/..%2Fa%3Fb%23c' },
    });
  });

  it('an id is the position that has it before it is the group of another one', async () => {
    const { trades } = environment.sandbox.control.data(DEMO_USER.id)!;
    const [first, second] = trades.filter((row) => row.signalType === 'open' && row.pending !== true);
    environment.sandbox.control.replaceData(DEMO_USER.id, {
      trades: [
        { ...first!, id: 'pos_a', openSignalId: 'pos_b' },
        { ...second!, id: 'pos_b' },
      ],
    });
    expect(await both('close_position', { position_id: 'pos_b' })).toMatchObject({
      theirs: { preview: { position_id: 'pos_a' } },
      ours: { preview: { position_id: 'pos_b' } },
    });
  });

  it("an approval's result names the symbol as everything else does", async () => {
    const signal = { signal_id: 'sig_2026060402' };
    const { structuredContent: dryRun } = await ours.call('approve_pending_trade', signal);
    const commit = { ...signal, dry_run: false, action_token: dryRun?.['action_token'] };
    expect((await ours.call('approve_pending_trade', commit)).structuredContent).toMatchObject({
      committed: { symbol: 'ETH-USDT' },
    });
  });

  it('a failed read is an error, not an empty list', async () => {
    environment.sandbox.control.fault({ path: '/signal/active', kind: 'status', status: 500 });
    expect(await both('get_recent_signals', {}, 'signals')).toEqual({ theirs: [], ours: 'failed' });
  });
});

describe('what is pasted as TRADECAFE_PAT', () => {
  it("may be the site's own session token, as people paste it today", async () => {
    const { sessionJwtSecret } = app.config.secrets;
    const client = await startNpmClient(`${app.url}/api`, await mintSession(DEMO_USER.id, sessionJwtSecret, 600));
    try {
      expect(value(await client.call('get_account_summary'))).toMatchObject({ user_id: DEMO_USER.id });
      const dryRun = value(await client.call('close_position', { position_id: 'pos_2026060402' }));
      const args = { position_id: 'pos_2026060402', dry_run: false, action_token: dryRun['action_token'] };
      expect(value(await client.call('close_position', args))).toMatchObject({ committed: { symbol: 'SOL-USDT' } });
    } finally {
      await client.close();
    }
  });

  it('with too few scopes gets refusals, and no data', async () => {
    const { token } = await mintToken(app, { scopes: ['read:pool'] });
    const client = await startNpmClient(`${app.url}/api`, token);
    try {
      expect((await client.call('get_pool_status')).ok).toBe(true);
      for (const tool of ['get_account_summary', 'get_pnl_history', 'get_referral_stats', 'get_subscription_status']) {
        const answer = await client.call(tool);
        expect([tool, answer.ok, answer.ok ? '' : answer.text]).toEqual([
          tool,
          false,
          expect.stringContaining('insufficient_scope'),
        ]);
      }
    } finally {
      await client.close();
    }
  });
});
