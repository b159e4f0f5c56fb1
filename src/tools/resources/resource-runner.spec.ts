import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fakeUpstream } from '../../../test/tools/fake-upstream.js';
import { SIGNAL } from '../../../test/tools/wire.js';
import type { AuditService } from '../../audit/audit.service.js';
import type { AuditEntry } from '../../audit/audit-row.js';
import type { Principal } from '../../auth/principal.js';
import { READ_SCOPES, type Scope } from '../../auth/scopes.js';
import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import type { Logger } from '../../logging/logger.js';
import type { CallOptions, PwaBeClient, UserUpstream } from '../../pwa-be/pwa-be.client.js';
import { Telemetry } from '../../telemetry/telemetry.js';
import { CallLimiter } from '../call-limiter.js';
import { CallPath } from '../call-path.js';
import type { CallFailure } from '../tool-call.js';
import { ResourceRunner, type ResourceSuccess } from './resource-runner.js';

const config = { mode: 'mock', rateLimitPerMinute: 3 } as Config;
const { signal } = new AbortController();

function principal(scopes: readonly Scope[] = READ_SCOPES): Principal {
  return { userId: 'usr_1', credentialId: 'cred_1', kind: 'pat', scopes: new Set(scopes) } as unknown as Principal;
}

const codeOf = (outcome: ResourceSuccess | CallFailure): string => (outcome.ok ? 'ok' : outcome.error.code);

describe('ResourceRunner', () => {
  let upstream: UserUpstream;
  let forUser: jest.Mock<(userId: string, options?: CallOptions) => UserUpstream>;
  let record: jest.Mock<(entry: AuditEntry) => void | Promise<void>>;
  let runner: ResourceRunner;

  beforeEach(() => {
    upstream = fakeUpstream({ waitedMs: 12.5 });
    forUser = jest.fn(() => upstream);
    record = jest.fn();
    const calls = new CallPath(
      { forUser } as unknown as PwaBeClient,
      new CallLimiter(config),
      { record } as unknown as AuditService,
      new Telemetry([]),
      { error: jest.fn() } as unknown as Logger,
    );
    runner = new ResourceRunner(calls, config);
  });

  const read = (uri: string, scopes?: readonly Scope[]) =>
    runner.read({ uri, principal: principal(scopes), transport: 'mcp', requestId: 'req_1', signal });

  it('answers with what the tool would, as JSON', async () => {
    const outcome = await read('tradecafe://positions/open');
    if (!outcome.ok) throw outcome.error;
    expect(JSON.parse(outcome.text)).toMatchObject({ positions: [{ position_id: 'sig_1', status: 'open' }] });
    expect(outcome).toMatchObject({ freshForMs: 0, mode: 'mock' });
  });

  it("reads on the caller's behalf only, within a call's deadline and the caller's patience", async () => {
    await read('tradecafe://account');
    expect(forUser.mock.calls).toEqual([['usr_1', { signal, deadlineMs: 7_500 }]]);
  });

  it('puts what the URI says into the argument of the tool', async () => {
    upstream.activeSignals = async () => [SIGNAL, { ...SIGNAL, id: 'sig_2', symbol: 'ETHUSDT' }];
    const outcome = await read('tradecafe://signals/sig_2');
    expect(JSON.parse((outcome as ResourceSuccess).text)).toMatchObject({ signal_id: 'sig_2', symbol: 'ETH-USDT' });
  });

  it('says what is not there, without repeating foreign text as it came', async () => {
    const outcome = await read(`tradecafe://drop\u202e${'x'.repeat(500)}`);
    expect(codeOf(outcome)).toBe('unknown_resource');
    expect((outcome as { error: AppError }).error.detail).toMatch(/^[\x20-\x7e…]{1,230}$/);
    expect(codeOf(await read('tradecafe://signals/nothing'))).toBe('signal_not_found');
  });

  it('takes a variable that the tool would not take for a URI of nothing', async () => {
    const outcome = await read('tradecafe://pnl/8d');
    expect(outcome).toMatchObject({ ok: false, error: { code: 'unknown_resource' } });
    expect((outcome as { error: AppError }).error.detail).toMatch(/timeframe: .*7d/);
    expect(codeOf(await read(`tradecafe://signals/${'x'.repeat(129)}`))).toBe('unknown_resource');
  });

  it('refuses what the scopes do not cover, and reads nothing', async () => {
    const activeTrades = jest.fn<UserUpstream['activeTrades']>();
    upstream.activeTrades = activeTrades;
    expect(await read('tradecafe://positions/open', ['read:account'])).toMatchObject({
      error: { code: 'insufficient_scope', data: { required_scope: 'read:positions' } },
    });
    expect(activeTrades).not.toHaveBeenCalled();
  });

  it('counts with all other calls of the credential', async () => {
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push(codeOf(await read('tradecafe://account')));
    expect(codes).toEqual(['ok', 'ok', 'ok', 'rate_limited']);
  });

  it('passes an upstream failure on as one, never as something empty', async () => {
    upstream.activeSignals = () => Promise.reject(new AppError('upstream_timeout'));
    expect(codeOf(await read('tradecafe://signals/live'))).toBe('upstream_timeout');
  });

  it('writes a row for each reading under the name of the resource, with what the URI named', async () => {
    await read('tradecafe://account');
    await read('tradecafe://signals/sig_1');
    await read('tradecafe://pnl/8d');
    await read('tradecafe://nothing');
    await read('tradecafe://positions/open', []);
    const rows = record.mock.calls.map(([{ operation, args, outcome, code }]) => [operation, args, outcome, code]);
    expect(rows).toEqual([
      ['resources/read tradecafe://account', {}, 'ok', undefined],
      ['resources/read tradecafe://signals/{signal_id}', { signal_id: 'sig_1' }, 'ok', undefined],
      ['resources/read tradecafe://pnl/{timeframe}', { timeframe: '8d' }, 'error', 'unknown_resource'],
      ['resources/read', { uri: 'tradecafe://nothing' }, 'error', 'unknown_resource'],
      ['resources/read tradecafe://positions/open', {}, 'denied', 'insufficient_scope'],
    ]);
  });
});
