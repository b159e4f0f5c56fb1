import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { type CallResult, ERAS, errorOf } from '../support/mcp.js';
import { until } from '../support/until.js';

const SIGNAL = 'sig_2026060402';

let environment: Environment;
let app: TestApp;
let second: TestApp;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  second = await startApp(environment);
});
afterEach(() => environment.sandbox.control.reset());
afterAll(async () => {
  await app?.close();
  await second?.close();
  await environment?.drop();
});

const tokenOf = (result: CallResult): string => String(result.structuredContent?.['action_token']);

describe.each(ERAS)('%s', (_, _version, connect) => {
  it('the documented round trip, to the letter', async () => {
    const client = await connect(app.url, (await mintToken(app)).token);
    const dryRun = await client.call('approve_pending_trade', { signal_id: SIGNAL });
    expect(dryRun.structuredContent).toEqual({
      dry_run: true,
      preview: {
        signal_id: SIGNAL,
        symbol: 'ETH-USDT',
        side: 'long',
        entry: 3421.8,
        size_usdt: 100,
        stop_loss: 3407,
        take_profit: 3438,
        strategy_alias: 'Trend Reversion v3',
        timeframe: '1h',
      },
      action_token: expect.stringMatching(/^tc_act_/) as unknown,
      committed: null,
    });
    expect(environment.sandbox.control.journal()).toEqual([]);

    const committed = await client.call('approve_pending_trade', {
      signal_id: SIGNAL,
      dry_run: false,
      action_token: tokenOf(dryRun),
    });
    expect(committed.structuredContent).toMatchObject({
      dry_run: false,
      committed: {
        signal_id: SIGNAL,
        symbol: 'ETH-USDT',
        side: 'long',
        approved_at: expect.stringMatching(/Z$/) as unknown,
      },
    });
    expect(committed._meta?.['ai.tradecafe/mode']).toBe('mock');
    expect(environment.sandbox.control.journal()).toMatchObject([
      { action: 'approve', id: SIGNAL, user: 'usr_demo_8f3a91' },
    ]);

    const open = await client.call('get_positions', { status: 'open' });
    const positions = (open.structuredContent?.['positions'] ?? []) as { position_id: string; symbol: string }[];
    const position = positions.find(({ symbol }) => symbol === 'ETH-USDT');
    const closing = await client.call('close_position', { position_id: position!.position_id });
    const closed = await client.call('close_position', {
      position_id: position!.position_id,
      dry_run: false,
      action_token: tokenOf(closing),
    });
    expect(closed.structuredContent).toMatchObject({
      committed: { symbol: 'ETH-USDT', closed_at: expect.any(String) as unknown },
    });
    expect(environment.sandbox.control.journal().map(({ action }) => action)).toEqual(['approve', 'close']);
    await client.close();
  });

  it('each wrong use fails with its own code and says what to do', async () => {
    const client = await connect(app.url, (await mintToken(app)).token);
    const stranger = await connect(app.url, (await mintToken(app, { name: 'other' })).token);
    const commit = (args: Record<string, unknown>, tool = 'approve_pending_trade') =>
      client.call(tool, { dry_run: false, ...args });
    const token = tokenOf(await client.call('approve_pending_trade', { signal_id: SIGNAL }));
    const codeOf = async (result: Promise<CallResult>) => {
      const answer = await result;
      expect(answer.content[0]!.text!.length).toBeGreaterThan(40);
      return errorOf(answer)['code'];
    };
    expect(await codeOf(commit({ signal_id: SIGNAL }))).toBe('action_token_required');
    expect(await codeOf(commit({ signal_id: SIGNAL, action_token: 'tc_act_nonsense' }))).toBe('action_token_invalid');
    expect(await codeOf(commit({ signal_id: 'sig_2026060403', action_token: token }))).toBe(
      'action_token_arguments_changed',
    );
    expect(await codeOf(commit({ position_id: SIGNAL, action_token: token }, 'close_position'))).toBe(
      'action_token_wrong_tool',
    );
    expect(
      await codeOf(stranger.call('approve_pending_trade', { signal_id: SIGNAL, dry_run: false, action_token: token })),
    ).toBe('action_token_invalid');
    expect(await codeOf(client.call('approve_pending_trade', { signal_id: SIGNAL, action_token: token }))).toBe(
      'invalid_arguments',
    );
    expect(environment.sandbox.control.journal()).toEqual([]);

    // None of those burned the token.
    expect((await commit({ signal_id: SIGNAL, action_token: token })).isError).toBeUndefined();
    const replay = await commit({ signal_id: SIGNAL, action_token: token });
    expect(errorOf(replay)).toMatchObject({ code: 'action_token_used' });
    expect(JSON.stringify(errorOf(replay))).toContain('approved_at');
    expect(environment.sandbox.control.journal()).toHaveLength(1);
    await Promise.all([client.close(), stranger.close()]);
  });

  it('either half may be answered by either instance', async () => {
    const { token } = await mintToken(app);
    const here = await connect(app.url, token);
    const there = await connect(second.url, token);
    const dryRun = await here.call('approve_pending_trade', { signal_id: SIGNAL });
    const committed = await there.call('approve_pending_trade', {
      signal_id: SIGNAL,
      dry_run: false,
      action_token: tokenOf(dryRun),
    });
    expect(committed.isError).toBeUndefined();
    await Promise.all([here.close(), there.close()]);
  });

  it('a token without write:trades sees no write tool and can call none', async () => {
    const client = await connect(app.url, (await mintToken(app, { scopes: ['read:positions'] })).token);
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['get_positions', 'get_pnl_history']);
    expect(errorOf(await client.call('close_position', { position_id: 'pos' }))).toMatchObject({
      code: 'insufficient_scope',
    });
    await client.close();
  });
});

describe('rotation', () => {
  it('ends the action tokens of the old token, which itself lives on for the grace', async () => {
    const { id, token } = await mintToken(app);
    const client = await ERAS[0][2](app.url, token);
    const before = tokenOf(await client.call('approve_pending_trade', { signal_id: SIGNAL }));
    const rotated = await (await sessionFetch(app))('POST', `/v1/tokens/${id}/rotate`, { grace_minutes: 5 });
    expect(rotated.status).toBe(201);
    const commit = (action_token: string) =>
      client.call('approve_pending_trade', { signal_id: SIGNAL, dry_run: false, action_token });
    expect(errorOf(await commit(before))).toMatchObject({ code: 'action_token_superseded' });
    expect(environment.sandbox.control.journal()).toEqual([]);
    const after = tokenOf(await client.call('approve_pending_trade', { signal_id: SIGNAL }));
    expect((await commit(after)).isError).toBeUndefined();
    await client.close();
  });
});

describe('freeze', () => {
  it("a frozen user's write is refused on another instance at once; reads go on; resuming needs the page", async () => {
    const [, , connect] = ERAS[0];
    const client = await connect(second.url, (await mintToken(app)).token);
    const token = tokenOf(await client.call('approve_pending_trade', { signal_id: SIGNAL }));
    const call = await sessionFetch(app);
    const frozen = await call('POST', '/v1/freeze');
    expect(frozen.status).toBe(200);
    const commit = () =>
      client.call('approve_pending_trade', { signal_id: SIGNAL, dry_run: false, action_token: token });
    const refused = await commit();
    expect(errorOf(refused)).toMatchObject({ code: 'account_frozen' });
    expect(refused.content[0]!.text).toContain('/settings/');
    expect((await client.call('get_positions')).isError).toBeUndefined();
    expect(((await (await call('GET', '/v1/session')).json()) as { frozen_at: string }).frozen_at).toMatch(/Z$/);
    expect(environment.sandbox.control.journal()).toEqual([]);

    expect((await call('DELETE', '/v1/freeze')).status).toBeLessThan(300);
    expect((await commit()).isError).toBeUndefined();
    await client.close();
  });
});

describe('a client that goes away', () => {
  it('does not cancel a commit that was sent, and learns of it afterwards', async () => {
    const { token } = await mintToken(app);
    const client = await ERAS[0][2](app.url, token);
    const actionToken = tokenOf(await client.call('approve_pending_trade', { signal_id: SIGNAL }));
    environment.sandbox.control.fault({ path: '/trade/approve', kind: 'delay', delay_ms: 700 });
    const patience = new AbortController();
    const args = { signal_id: SIGNAL, dry_run: false, action_token: actionToken };
    const commit = fetch(`${app.url}/mcp`, {
      method: 'POST',
      signal: patience.signal,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: '*/*' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'approve_pending_trade', arguments: args },
      }),
    }).catch(() => 'gone');
    await until(
      () => environment.sandbox.control.requests.snapshot().counts.writes,
      (count) => count > 0,
    );
    patience.abort();
    expect(await commit).toBe('gone');
    await until(
      () => environment.sandbox.control.journal().length,
      (count) => count > 0,
    );
    const answer = await until(
      () => client.call('approve_pending_trade', args),
      (result) => JSON.stringify(errorOf(result)).includes('succeeded'),
    );
    expect(errorOf(answer)).toMatchObject({ code: 'action_token_used' });
    expect(environment.sandbox.control.journal()).toHaveLength(1);
    await client.close();
  });
});
