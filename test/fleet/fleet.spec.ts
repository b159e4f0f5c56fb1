import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { mintToken, sessionFetch } from '../support/app.js';
import { type CallResult, errorOf, mcpHeaders } from '../support/mcp.js';
import { until } from '../support/until.js';
import { Fleet } from './fleet.js';
import { Listener } from './listener.js';
import { Load } from './load.js';
import { HAS_NGINX } from './nginx.js';

const SIGNAL = 'sig_2026060402';
const CLIENTS = 6;

let fleet: Fleet;
beforeAll(async () => {
  if (HAS_NGINX) fleet = await Fleet.start();
}, 400_000);
afterEach(() => fleet?.environment.sandbox.control.reset());
afterAll(() => fleet?.stop(), 60_000);

/** One tool call through nginx. Status 0: the connection broke. */
async function call(token: string, name: string, args: object, url = fleet.front.url) {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: mcpHeaders(token),
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  }).catch(() => undefined);
  const text = (await response?.text()) ?? '';
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as {
    result?: CallResult;
    error?: { data?: Record<string, unknown> };
  };
  const code = body.error?.data?.['code'] ?? (body.result === undefined ? undefined : errorOf(body.result)['code']);
  return { status: response?.status ?? 0, structured: body.result?.structuredContent, code };
}

/** Fresh connections go round: so many calls meet every instance. */
const ROUND = [0, 1, 2, 3, 4, 5];

const suite = HAS_NGINX ? describe : describe.skip;
suite('three instances behind nginx, no sticky routing (skipped without nginx; Debian: nginx-light)', () => {
  it('a rolling restart under load fails no request', async () => {
    const { token } = await mintToken(fleet.front);
    const load = new Load(fleet.front.url, token, CLIENTS);
    for (const number of [0, 1, 2]) {
      expect(await fleet.end(number, 'SIGTERM')).toBe(0);
      await fleet.boot(number);
    }
    const before = load.count;
    await until(
      () => load.count,
      (count) => count > before + 30,
      30_000,
    );
    const failures = await load.stop();
    // A 502 has its reason in nginx's log only.
    expect([...failures, ...(failures.length > 0 ? await fleet.nginx.log() : [])]).toEqual([]);
    expect(load.count).toBeGreaterThan(before);
  }, 480_000);

  it('an instance that is killed in the middle of a commit loses nothing: the repeat is told what became of it', async () => {
    const { token } = await mintToken(fleet.front);
    const args = { signal_id: SIGNAL };
    const { structured: preview } = await call(token, 'approve_pending_trade', args);
    const commit = { ...args, dry_run: false, action_token: preview!['action_token'] };
    fleet.environment.sandbox.control.faults.add({
      method: 'PUT',
      kind: 'delay',
      when: 'after',
      delay_ms: 4_000,
      times: 1,
    });
    await fleet.nginx.routeTo([fleet.ports[1]!]);
    const lost = call(token, 'approve_pending_trade', commit);
    await until(
      () => fleet.environment.sandbox.control.journal().length,
      (effects) => effects === 1,
      20_000,
    );
    await fleet.end(1, 'SIGKILL');
    expect((await lost).status).toBe(502);
    await fleet.nginx.routeTo(fleet.ports);
    // Until the reconciler has looked, the outcome is honestly unknown; the token is spent either way.
    const told = await until(
      () => call(token, 'approve_pending_trade', commit),
      ({ structured, code }) => structured?.['committed'] !== undefined || code === 'action_token_used',
      90_000,
    );
    expect(told).toMatchObject({ status: 200 });
    expect(fleet.environment.sandbox.control.journal()).toHaveLength(1);
    await fleet.boot(1);
  }, 480_000);

  it('a killed instance costs no call: what it was serving goes to another one', async () => {
    const { token } = await mintToken(fleet.front);
    const load = new Load(fleet.front.url, token, CLIENTS);
    await until(
      () => load.count,
      (count) => count > 20,
      30_000,
    );
    await fleet.end(2, 'SIGKILL');
    const after = load.count;
    await until(
      () => load.count,
      (count) => count > after + 60,
      60_000,
    );
    expect(await load.stop()).toEqual([]);
    await fleet.boot(2);
  }, 480_000);

  it('a listen stream ends with the instance that serves it, and its client hears of the next change from another one', async () => {
    const { token } = await mintToken(fleet.front);
    const [first, second, third] = fleet.ports as [number, number, number];
    await fleet.nginx.routeTo([first]);
    const listener = new Listener(fleet.front.url, token, 'tradecafe://positions/open');
    const streams = (wanted: number) =>
      until(
        () => listener.streams,
        (count) => count >= wanted,
        30_000,
      );
    expect(await streams(1)).toBe(1);
    await fleet.nginx.routeTo([second]);
    expect(await fleet.end(0, 'SIGTERM')).toBe(0);
    expect(await streams(2)).toBe(2);
    await fleet.nginx.routeTo([third]);
    await fleet.end(1, 'SIGKILL');
    expect(await streams(3)).toBe(3);
    // The one that drained said so; of the one that was killed the client heard nothing.
    expect(listener.endings).toEqual(['complete', 'cut']);

    const { control } = fleet.environment.sandbox;
    const user = 'usr_demo_8f3a91';
    const trades = control.data(user)!.trades.map((row) => Object.assign({}, row, { strategyAlias: 'another' }));
    control.replaceData(user, { trades });
    expect(
      await until(
        () => listener.updates,
        (count) => count > 0,
        60_000,
      ),
    ).toBe(1);
    await listener.stop();
    await fleet.nginx.routeTo(fleet.ports);
    for (const number of [0, 1]) await fleet.boot(number);
  }, 480_000);

  it('a revoked token is refused by every instance from the answer on', async () => {
    const { id, token } = await mintToken(fleet.front);
    for (const _ of ROUND) expect((await call(token, 'get_account_summary', {})).status).toBe(200);
    const session = await sessionFetch(fleet.front);
    expect((await session('DELETE', `/v1/tokens/${id}`)).status).toBe(204);
    const answers = await Promise.all(ROUND.map(() => call(token, 'get_account_summary', {})));
    expect(answers.map(({ status, code }) => [status, code])).toEqual(ROUND.map(() => [401, 'token_revoked']));
  }, 60_000);

  it('freezing stops writes on every instance at once, and resuming lets them through', async () => {
    const { token } = await mintToken(fleet.front);
    const session = await sessionFetch(fleet.front);
    const args = { signal_id: SIGNAL };
    const previews = await Promise.all(ROUND.map(() => call(token, 'approve_pending_trade', args)));
    expect((await session('POST', '/v1/freeze')).status).toBe(200);
    const commitWith = (actionToken: unknown) => ({ ...args, dry_run: false, action_token: actionToken });
    const commits = previews.map(({ structured }) => commitWith(structured!['action_token']));
    const frozen = await Promise.all(commits.map((commit) => call(token, 'approve_pending_trade', commit)));
    expect(frozen.map(({ code }) => code)).toEqual(ROUND.map(() => 'account_frozen'));
    expect(fleet.environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
    expect((await session('DELETE', '/v1/freeze')).ok).toBe(true);
    expect((await call(token, 'approve_pending_trade', commits[0]!)).structured).toMatchObject({
      committed: { signal_id: SIGNAL },
    });
  }, 60_000);

  it('a question that a call asks is answered though the reply lands elsewhere', async () => {
    const { token } = await mintToken(fleet.front, { write_policy: 'human_required' });
    const client = new LegacyClient({ name: 'test-client', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { confirm: true } }));
    const landed: string[] = [];
    const transport = new LegacyTransport(new URL(`${fleet.front.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
      // nginx sends each connection to the next instance; the reply goes past it to one that is surely another.
      fetch: async (input, init) => {
        const isReply = typeof init?.body === 'string' && !init.body.includes('"method"');
        if (!isReply) return fetch(typeof init?.body === 'string' ? `${fleet.at(0)}/mcp` : input, init);
        landed.push(fleet.at(1));
        return fetch(`${fleet.at(1)}/mcp`, init);
      },
    });
    await client.connect(transport);
    const approve = async (args: Record<string, unknown>) =>
      (await client.callTool({ name: 'approve_pending_trade', arguments: args })) as CallResult;
    const dryRun = await approve({ signal_id: SIGNAL });
    const action_token = dryRun.structuredContent?.['action_token'];
    const done = await approve({ signal_id: SIGNAL, dry_run: false, action_token });
    expect(done.structuredContent).toMatchObject({ committed: { signal_id: SIGNAL } });
    expect(landed).toHaveLength(1);
    await client.close();
  }, 60_000);

  it('the database away: writes fail closed, warm reads as designed, alive but not ready, and all is well when it is back', async () => {
    const { token } = await mintToken(fleet.front);
    const args = { signal_id: SIGNAL };
    const { structured: preview } = await call(token, 'approve_pending_trade', args);
    const commit = { ...args, dry_run: false, action_token: preview!['action_token'] };
    for (const _ of ROUND) await call(token, 'get_account_summary', {});
    fleet.wire.cut();
    for (const number of [0, 1, 2]) {
      const ready = () => fetch(`${fleet.at(number)}/health/ready`).then(({ status }) => status);
      expect(await until(ready, (status) => status === 503, 20_000)).toBe(503);
      expect((await fetch(`${fleet.at(number)}/health/live`)).status).toBe(200);
    }
    const refused = await call(token, 'approve_pending_trade', commit);
    expect([refused.status, refused.code, refused.structured]).toEqual([503, 'database_unavailable', undefined]);
    expect(fleet.environment.sandbox.control.requests.snapshot().counts.writes).toBe(0);
    fleet.wire.mend();
    const back = await until(
      () => call(token, 'approve_pending_trade', commit),
      ({ structured }) => structured !== undefined,
      60_000,
    );
    expect(back.structured).toMatchObject({ committed: { signal_id: SIGNAL } });
    expect(fleet.environment.sandbox.control.journal()).toHaveLength(1);
  }, 180_000);
});
