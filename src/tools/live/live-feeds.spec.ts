import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fakeUpstream } from '../../../test/tools/fake-upstream.js';
import type { AuditService } from '../../audit/audit.service.js';
import type { AuditEntry } from '../../audit/audit-row.js';
import type { CredentialEnd, CredentialWatch } from '../../auth/bearer/credential-watch.js';
import type { Principal, PrincipalKind } from '../../auth/principal.js';
import { READ_SCOPES, type Scope } from '../../auth/scopes.js';
import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import type { Logger } from '../../logging/logger.js';
import type { PwaBeClient } from '../../pwa-be/pwa-be.client.js';
import { Telemetry } from '../../telemetry/telemetry.js';
import { CallLimiter } from '../call-limiter.js';
import { CallPath } from '../call-path.js';
import { LiveFeeds } from './live-feeds.js';
import { DEFAULT_LIVE_SETTINGS } from './live-settings.js';
import { StreamLog } from './stream-log.js';
import { UserPollers } from './user-pollers.js';

const SIGNALS = 'tradecafe://signals/live';
const POSITIONS = 'tradecafe://positions/open';

const principal = (scopes: readonly Scope[] = READ_SCOPES, kind: PrincipalKind = 'pat') =>
  ({ userId: 'usr_1', credentialId: 'cred_1', kind, scopes: new Set(scopes) }) as unknown as Principal;

describe('LiveFeeds', () => {
  let rows: AuditEntry[];
  let forUser: jest.Mock<() => ReturnType<typeof fakeUpstream>>;
  let watched: Set<(why: CredentialEnd) => void>;
  let watchFails: Error | undefined;
  let trusted: boolean;
  let feeds: LiveFeeds;

  beforeEach(() => {
    rows = [];
    watched = new Set();
    watchFails = undefined;
    trusted = true;
    forUser = jest.fn(() => fakeUpstream());
    const audit = { record: (row: AuditEntry) => void rows.push(row) } as unknown as AuditService;
    const logger = { error: jest.fn() } as unknown as Logger;
    const pwaBe = { forUser } as unknown as PwaBeClient;
    const credentials = {
      get trusted() {
        return trusted;
      },
      watch: async (_principal: Principal, onEnd: (why: CredentialEnd) => void) => {
        if (watchFails !== undefined) throw watchFails;
        watched.add(onEnd);
        return () => void watched.delete(onEnd);
      },
    } as unknown as CredentialWatch;
    const settings = { ...DEFAULT_LIVE_SETTINGS, streams: 2 };
    const limiter = new CallLimiter({ rateLimitPerMinute: 5 } as Config);
    feeds = new LiveFeeds(
      new CallPath(pwaBe, limiter, audit, new Telemetry([]), logger),
      new UserPollers(pwaBe, credentials, settings, logger),
      credentials,
      new StreamLog(audit, logger),
      settings,
    );
  });

  async function listen(uris: readonly string[], who = principal(), leaving = new AbortController()) {
    const sink = { updated: jest.fn(), end: jest.fn() };
    const call = { uris, principal: who, transport: 'mcp', requestId: 'req_1', signal: leaving.signal } as const;
    const outcome = await feeds.listen(call, sink);
    return { sink, leaving, result: outcome.ok ? outcome.uris : outcome.error.code };
  }
  const operations = () => rows.map(({ operation, outcome, code }) => [operation, outcome, code]);

  it('listens to what can be listened to and may be read, each once', async () => {
    const wanted = [SIGNALS, 'tradecafe://account', POSITIONS, SIGNALS];
    const { result, leaving } = await listen(wanted);
    expect(result).toEqual([POSITIONS, SIGNALS]);
    leaving.abort();
    const other = await listen(wanted, principal(['read:signals']));
    expect(other.result).toEqual([SIGNALS]);
    other.leaving.abort();
  });

  it('costs nothing when there is nothing to listen to', async () => {
    expect((await listen(['tradecafe://account'])).result).toEqual([]);
    expect((await listen([POSITIONS], principal(['read:signals']))).result).toEqual([]);
    expect([rows, watched.size, forUser.mock.calls]).toEqual([[], 0, []]);
  });

  it('refuses an app that lacks a scope for one of them, whichever, and looks at nothing', async () => {
    for (const held of ['read:signals', 'read:positions'] as const) {
      expect((await listen([SIGNALS, POSITIONS], principal([held], 'oauth'))).result).toBe('insufficient_scope');
    }
    const refused = ['subscriptions/listen', 'denied', 'insufficient_scope'];
    expect(operations()).toEqual([refused, refused]);
    expect(watched.size).toBe(0);
  });

  it('ends when its client leaves, without a word to it', async () => {
    const { sink, leaving } = await listen([SIGNALS]);
    expect(watched.size).toBe(1);
    leaving.abort();
    leaving.abort();
    expect([sink.end.mock.calls.length, watched.size]).toEqual([0, 0]);
    expect(operations()).toEqual([
      ['subscriptions/listen', 'ok', undefined],
      ['subscriptions/ended', 'ok', undefined],
    ]);
  });

  it('ends with its credential, once, with a word', async () => {
    const { sink, leaving } = await listen([SIGNALS]);
    for (const onEnd of watched) onEnd('token_revoked');
    leaving.abort();
    expect([sink.end.mock.calls.length, watched.size]).toEqual([1, 0]);
    expect(operations()[1]).toEqual(['subscriptions/ended', 'denied', 'token_revoked']);
    expect(rows).toHaveLength(2);
  });

  it('is not opened for a credential that ended meanwhile; nothing of it stays', async () => {
    watchFails = new AppError('token_revoked');
    const { result, sink } = await listen([SIGNALS]);
    expect([result, sink.end.mock.calls.length]).toEqual(['token_revoked', 0]);
    expect(operations()).toEqual([['subscriptions/listen', 'error', 'token_revoked']]);
    watchFails = undefined;
    // Both places are free again.
    for (const { result: opened, leaving } of [await listen([SIGNALS]), await listen([SIGNALS])]) {
      expect(opened).toEqual([SIGNALS]);
      leaving.abort();
    }
  });

  it('looks at nothing for a client that has left already', async () => {
    const gone = new AbortController();
    gone.abort();
    await listen([SIGNALS], principal(), gone);
    expect([watched.size, operations().at(-1)]).toEqual([0, ['subscriptions/ended', 'ok', undefined]]);
  });

  it('counts among the calls of its credential', async () => {
    const codes = [];
    for (let i = 0; i < 6; i++) {
      const { result, leaving } = await listen([SIGNALS]);
      codes.push(result);
      leaving.abort();
    }
    expect(codes.at(-1)).toBe('rate_limited');
  });

  it('has as many streams as this process may have', async () => {
    const opened = [await listen([SIGNALS]), await listen([SIGNALS])];
    expect((await listen([SIGNALS])).result).toBe('overloaded');
    for (const { leaving } of opened) leaving.abort();
  });

  it('looks at nothing while revocations could be missed', async () => {
    trusted = false;
    const { result, leaving } = await listen([SIGNALS]);
    expect(result).toEqual([SIGNALS]);
    // Once for the call itself, and never for a look.
    expect(forUser).toHaveBeenCalledTimes(1);
    leaving.abort();
  });

  it('ends all when the process goes, and opens none any more', async () => {
    const { sink } = await listen([SIGNALS]);
    await feeds.beforeApplicationShutdown();
    expect([sink.end.mock.calls.length, operations()[1]]).toEqual([1, ['subscriptions/ended', 'ok', undefined]]);
    expect((await listen([SIGNALS])).result).toBe('shutting_down');
  });
});
