import { Pool } from 'undici';
import type { Cancelled } from './cancellation.js';
import { exchange, TransportFailure, type HttpAnswer } from './http-exchange.js';
import type { PwaBeEndpoint } from './pwa-be.endpoint.js';
import { failureError, readJson } from './read-answer.js';
import { READ_LIMITS, ReadGuard } from './read-guard.js';
import { UserTokens } from './user-token.js';
import { failedWrite, writeAnswer, type WriteAnswer } from './write-answer.js';

const MAX_CONNECT_MS = 3_000;
const MAX_READ_BYTES = 5 * 1024 * 1024;
/** A refusal's reason fits easily; the rest of a write's answer is of no interest. */
const MAX_WRITE_BYTES = 64 * 1024;
const MAX_WRITE_CONNECTIONS = 64;
const RETRY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);
const RETRY_PAUSE_MS = 50;

/**
 * Requests to pwa-be on a user's behalf. Reads and writes have pools of their own, so that a write never waits behind
 * reads; each write has a connection of its own, because one that was kept alive may be closed by the other side at the
 * very moment the write is sent, and then nobody knows what became of it.
 */
export class PwaBeTransport {
  private readonly prefix: string;
  private readonly timeoutMs: number;
  private readonly reads: Pool;
  private readonly writes: Pool;
  private readonly tokens: UserTokens;
  private readonly guard = new ReadGuard();
  private closing: Promise<unknown> | undefined;

  constructor({ baseUrl, jwtSecret, jwtClaims, timeoutMs, tls }: PwaBeEndpoint) {
    const { origin, pathname } = new URL(baseUrl);
    this.prefix = pathname.replace(/\/+$/, '');
    this.timeoutMs = timeoutMs;
    this.tokens = new UserTokens(jwtSecret, jwtClaims);
    const options: Pool.Options = {
      pipelining: 1,
      allowH2: false,
      // The exchange's own clock ends a request; these only back it up, undici's timers being coarse.
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: { ...tls, timeout: Math.min(timeoutMs, MAX_CONNECT_MS) },
    };
    this.reads = new Pool(origin, { ...options, connections: READ_LIMITS.maxConcurrent });
    this.writes = new Pool(origin, { ...options, connections: MAX_WRITE_CONNECTIONS });
  }

  /**
   * GET, tried a second time after a connection error or a 502, 503 or 504.
   * @param route method and path template, for the log
   * @param path path and query below the base URL
   * @returns the JSON, unchecked
   * @throws AppError `upstream_*`
   */
  async get(route: string, path: string, userId: string, cancelled: Cancelled): Promise<unknown> {
    let outcome = await this.attempt(path, userId, cancelled);
    if (worthRetrying(outcome)) {
      await pause(RETRY_PAUSE_MS * (1 + Math.random()), cancelled);
      outcome = await this.attempt(path, userId, cancelled);
    }
    if (outcome instanceof TransportFailure) throw failureError(route, outcome);
    if (outcome.status === 401) this.tokens.drop(userId);
    return readJson(route, outcome);
  }

  /**
   * PUT, sent at most once, past the breaker and the readers' queue, ended by its own timeout alone: every byte that it
   * will ever send is sent within `timeoutMs` of this call. Does not throw.
   */
  async put(path: string, userId: string, idempotencyKey: string, mayStart?: () => boolean): Promise<WriteAnswer> {
    try {
      const answer = await exchange(this.writes, {
        method: 'PUT',
        path: this.prefix + path,
        headers: {
          ...this.headers(userId),
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: '{}',
        timeoutMs: this.timeoutMs,
        maxBytes: MAX_WRITE_BYTES,
        closeAfter: true,
        mayStart,
      });
      if (answer.status === 401) this.tokens.drop(userId);
      return writeAnswer(answer);
    } catch (error) {
      if (error instanceof TransportFailure) return failedWrite(error);
      // Not foreseen, so nothing is known: a throw here would leave the commit without an outcome.
      return { kind: 'unknown', reason: error instanceof Error ? error.name : 'unknown error' };
    }
  }

  /** Ends when what is under way has ended, which its timeouts bound; new requests fail. */
  async close(): Promise<void> {
    this.closing ??= Promise.all([this.reads.close(), this.writes.close()]);
    await this.closing;
  }

  private async attempt(path: string, userId: string, cancelled: Cancelled): Promise<HttpAnswer | TransportFailure> {
    const send = async (): Promise<HttpAnswer> => {
      const answer = await exchange(this.reads, {
        method: 'GET',
        path: this.prefix + path,
        headers: this.headers(userId),
        timeoutMs: this.timeoutMs,
        maxBytes: MAX_READ_BYTES,
        cancelled,
      });
      if (answer.failure !== undefined) throw answer.failure;
      return answer;
    };
    try {
      return await this.guard.run(send, cancelled);
    } catch (error) {
      if (error instanceof TransportFailure) return error;
      throw error;
    }
  }

  private headers(userId: string): Record<string, string> {
    return {
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: `Bearer ${this.tokens.for(userId)}`,
      'user-agent': 'tradecafe-mcp-backend',
    };
  }
}

/** Cut short when nobody waits any more; the attempt after it finds that out. */
function pause(ms: number, cancelled: Cancelled): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stopListening();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const stopListening = cancelled.listen(end);
  });
}

function worthRetrying(outcome: HttpAnswer | TransportFailure): boolean {
  if (outcome instanceof TransportFailure) return outcome.reason === 'connection';
  return RETRY_STATUSES.has(outcome.status);
}
