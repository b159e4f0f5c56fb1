import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrismaService } from '../../src/database/prisma.service.js';
import { TOOLS } from '../../src/tools/registry.js';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { ERAS, errorOf } from '../support/mcp.js';
import { until } from '../support/until.js';

const READS = TOOLS.filter((tool) => tool.annotations.readOnlyHint).map((tool) => tool.name);

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

describe.each(ERAS)('%s', (_, version, connect) => {
  it('lists and calls all read tools with a token minted through /v1/tokens', async () => {
    const client = await connect(app.url, (await mintToken(app)).token);
    expect(client.protocolVersion).toBe(version);
    const names = (await client.listTools()).map((tool) => tool.name);
    expect(names).toEqual(TOOLS.map((tool) => tool.name));
    for (const name of READS) {
      const result = await client.call(name, name === 'get_signal_details' ? { signal_id: 'sig_2026060402' } : {});
      expect([name, result.isError, errorOf(result)]).toEqual([name, undefined, {}]);
      // The clients themselves validate structured content against the published output schema.
      expect(JSON.parse(result.content[0]!.text!)).toEqual(result.structuredContent);
      expect(result._meta?.['ai.tradecafe/mode']).toBe('mock');
    }
    await client.close();
  });

  it("answers with the demo user's own data", async () => {
    const client = await connect(app.url, (await mintToken(app)).token);
    const account = await client.call('get_account_summary');
    expect(account.structuredContent).toMatchObject({
      user_id: 'usr_demo_8f3a91',
      username: 'demo_user',
      email: 'demo@tradecafe.ai',
      tier: 'full_suite',
      subscription_status: 'trial',
      free_trial_days_remaining: 23,
      referral_code: 'DEMO27',
    });
    const details = await client.call('get_signal_details', { signal_id: 'sig_2026060402' });
    expect(details.structuredContent).toMatchObject({
      symbol: 'ETH-USDT',
      side: 'long',
      entry: 3421.8,
      strategy_alias: 'Trend Reversion v3',
      timeframe: '1h',
      status: 'live',
    });
    await client.close();
  });

  it('a token without read:pool neither sees nor can call get_pool_status', async () => {
    const { token } = await mintToken(app, { scopes: ['read:account', 'read:signals'] });
    const client = await connect(app.url, token);
    const names = (await client.listTools()).map((tool) => tool.name);
    expect(names).toEqual(['get_account_summary', 'get_recent_signals', 'get_signal_details']);
    const result = await client.call('get_pool_status');
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toBeUndefined();
    expect(errorOf(result)).toMatchObject({ code: 'insufficient_scope', required_scope: 'read:pool' });
    await client.close();
  });

  it('writes one audit row a call, with the client that named itself, and the denial', async () => {
    const { id, token } = await mintToken(app, { scopes: ['read:signals'], name: `audited ${version}` });
    const client = await connect(app.url, token);
    await client.call('get_recent_signals', { symbol: 'BTC-USDT', limit: 3 });
    await client.call('get_positions');
    await client.close();
    const prisma = app.service.app.get(PrismaService);
    const rows = await until(
      () => prisma.auditEvent.findMany({ where: { credentialId: id }, orderBy: { id: 'asc' } }),
      (found) => found.length === 2,
    );
    expect(rows).toMatchObject([
      {
        userId: 'usr_demo_8f3a91',
        credentialKind: 'pat',
        credentialName: `audited ${version}`,
        clientName: 'test-client 1.2.3',
        transport: 'mcp',
        operation: 'get_recent_signals',
        arguments: { symbol: 'BTC-USDT', limit: 3 },
        outcome: 'ok',
        code: null,
      },
      { operation: 'get_positions', outcome: 'denied', code: 'insufficient_scope' },
    ]);
    expect(rows[0]!.durationMs).toBeGreaterThan(0);
    expect(rows[0]!.upstreamMs).toBeGreaterThan(0);
    expect(rows[1]!.upstreamMs).toBe(0);
  });
});
