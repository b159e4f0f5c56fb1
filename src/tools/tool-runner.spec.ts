import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fakeUpstream } from '../../test/tools/fake-upstream.js';
import type { AuditService } from '../audit/audit.service.js';
import type { AuditEntry } from '../audit/audit-row.js';
import type { Principal } from '../auth/principal.js';
import { READ_SCOPES, type Scope } from '../auth/scopes.js';
import type { Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';
import type { Logger } from '../logging/logger.js';
import type { CallOptions, PwaBeClient, UserUpstream } from '../pwa-be/pwa-be.client.js';
import type { RoundTrip } from '../safety/round-trip.js';
import { CallLimiter } from './call-limiter.js';
import { Telemetry } from '../telemetry/telemetry.js';
import { CallPath } from './call-path.js';
import { ToolRunner } from './tool-runner.js';
import type { ToolCall, ToolOutcome } from './tool-call.js';

const config = { mode: 'mock', rateLimitPerMinute: 3 } as Config;

const principal = (scopes: readonly Scope[] = READ_SCOPES): Principal => ({
  userId: 'usr_1',
  credentialId: 'cred_1',
  kind: 'pat',
  credentialName: 'laptop',
  scopes: new Set(scopes),
  maxTradeUsdt: null,
  writePolicy: 'token_only',
});

const call = (more: Partial<ToolCall> = {}): ToolCall => ({
  tool: 'get_positions',
  args: { status: 'open' },
  principal: principal(),
  transport: 'mcp',
  requestId: 'req_1',
  ...more,
});

const codeOf = (outcome: ToolOutcome): string => (outcome.ok ? 'ok' : outcome.error.code);

describe('ToolRunner', () => {
  let upstream: UserUpstream;
  let forUser: jest.Mock<(userId: string, options?: CallOptions) => UserUpstream>;
  let record: jest.Mock<(entry: AuditEntry) => void | Promise<void>>;
  let logged: jest.Mock<(...args: unknown[]) => void>;
  let runner: ToolRunner;

  beforeEach(() => {
    upstream = fakeUpstream({ waitedMs: 12.5 });
    forUser = jest.fn(() => upstream);
    record = jest.fn();
    logged = jest.fn();
    const calls = new CallPath(
      { forUser } as unknown as PwaBeClient,
      new CallLimiter(config),
      { record } as unknown as AuditService,
      new Telemetry([]),
      { error: logged } as unknown as Logger,
    );
    runner = new ToolRunner(calls, {} as RoundTrip, config);
  });

  it('answers with the result, the same as text, and the mode', async () => {
    const outcome = await runner.run(call());
    if (!outcome.ok) throw outcome.error;
    expect(outcome.structured).toMatchObject({ positions: [{ position_id: 'sig_1' }] });
    expect(JSON.parse(outcome.text)).toEqual(outcome.structured);
    expect(outcome.meta).toEqual({ mode: 'mock' });
  });

  it("reads on the caller's behalf only, within the deadline and the caller's patience", async () => {
    const { signal } = new AbortController();
    await runner.run(call({ signal }));
    expect(forUser.mock.calls).toEqual([['usr_1', { signal, deadlineMs: 7_500 }]]);
  });

  it('refuses an unknown tool without repeating foreign text as it came', async () => {
    const outcome = await runner.run(call({ tool: `drop\u202e${'x'.repeat(500)}` }));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'unknown_tool' } });
    expect((outcome as { error: AppError }).error.detail).toMatch(/^[\x20-\x7e…]{1,100}$/);
  });

  it('refuses a call outside the scopes, naming scope and tool, and reads nothing', async () => {
    const activeTrades = jest.fn<UserUpstream['activeTrades']>();
    upstream.activeTrades = activeTrades;
    const outcome = await runner.run(call({ principal: principal(['read:account']) }));
    expect(outcome).toMatchObject({
      ok: false,
      error: {
        code: 'insufficient_scope',
        detail: 'get_positions needs the scope read:positions, which this credential does not have.',
        data: { required_scope: 'read:positions' },
      },
    });
    expect(activeTrades).not.toHaveBeenCalled();
  });

  it('looks at arguments before scopes, and at scopes before the limit', async () => {
    const outside = principal([]);
    for (let i = 0; i < 5; i++) {
      expect(codeOf(await runner.run(call({ principal: outside, args: { x: 1 } })))).toBe('invalid_arguments');
      expect(codeOf(await runner.run(call({ principal: outside })))).toBe('insufficient_scope');
    }
  });

  it('limits the calls of a credential', async () => {
    const codes = [];
    for (let i = 0; i < 5; i++) codes.push(codeOf(await runner.run(call())));
    expect(codes).toEqual(['ok', 'ok', 'ok', 'rate_limited', 'rate_limited']);
  });

  it('passes an error of the table on as it is', async () => {
    const error = new AppError('upstream_timeout');
    upstream.activeTrades = () => Promise.reject(error);
    expect(await runner.run(call())).toEqual({ ok: false, error });
    expect(logged).not.toHaveBeenCalled();
  });

  it('answers internal_error for everything else, and logs it with the request id', async () => {
    const error = new TypeError('x is not a function');
    upstream.activeTrades = () => Promise.reject(error);
    const outcome = await runner.run(call());
    expect(outcome).toMatchObject({ ok: false, error: { code: 'internal_error', detail: undefined } });
    expect(logged).toHaveBeenCalledWith({ err: error, request_id: 'req_1' }, 'A call failed');
  });

  it('does not blame itself when it is the database that is away', async () => {
    upstream.activeTrades = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    expect(codeOf(await runner.run(call()))).toBe('database_unavailable');
  });

  it('survives an upstream client that cannot even be made', async () => {
    forUser.mockImplementation(() => {
      throw new Error('no key');
    });
    expect(codeOf(await runner.run(call()))).toBe('internal_error');
    expect(record).toHaveBeenCalledTimes(1);
  });

  describe('the audit row', () => {
    it('says who did what by what, how it ended and how long it took', async () => {
      const address = '192.0.2.7';
      await runner.run(call({ trace: { traceId: 'trace', spanId: 'span' }, clientName: 'Claude', address }));
      expect(record.mock.calls).toEqual([
        [
          {
            actor: principal(),
            transport: 'mcp',
            operation: 'get_positions',
            args: { status: 'open' },
            outcome: 'ok',
            code: undefined,
            durationMs: expect.any(Number),
            upstreamMs: 12.5,
            requestId: 'req_1',
            traceId: 'trace',
            clientName: 'Claude',
            address,
          },
        ],
      ]);
      expect(record.mock.calls[0]![0].durationMs).toBeGreaterThan(0);
    });

    it.each([
      ['an unknown tool', { tool: 'nope' }, 'error', 'unknown_tool'],
      ['wrong arguments', { args: { x: 1 } }, 'error', 'invalid_arguments'],
      ['a scope that is missing', { principal: principal([]) }, 'denied', 'insufficient_scope'],
    ] as const)('is written for %s', async (_, more, outcome, code) => {
      await runner.run(call(more));
      expect(record.mock.calls).toEqual([[expect.objectContaining({ outcome, code })]]);
    });

    it('is written for a call past the limit', async () => {
      for (let i = 0; i < 4; i++) await runner.run(call());
      expect(record.mock.calls.map(([entry]) => entry.outcome)).toEqual(['ok', 'ok', 'ok', 'denied']);
    });

    it('is waited for, and no answer goes out without one', async () => {
      record.mockImplementation(() => Promise.reject(new AppError('overloaded')));
      expect(codeOf(await runner.run(call()))).toBe('overloaded');
    });
  });
});
