import type { IncomingMessage } from 'node:http';
import { BoundedLog } from './bounded-log.js';

/** One request to `/api` as it arrived. Never a token's value: only whether there was one, and of which kind. */
export interface LoggedRequest {
  seq: number;
  /** ISO 8601 */
  at: string;
  method: string;
  /** Without `/api`, with the query. */
  path: string;
  /** Whom the bearer names; null when it was refused. */
  user: string | null;
  idempotency_key: string | null;
  authorization: boolean;
  /** The bearer looked like one of the gateway's own tokens, which must never travel here. */
  own_token: boolean;
  header_names: string[];
  /** The status sent; null: none yet, or the connection was dropped. */
  status: number | null;
  applied: boolean;
  replayed: boolean;
}

const WRITES = 100_000;
const READS = 5_000;

/** What arrived at `/api`, writes and reads apart, so that no amount of reads pushes a write out. */
export class RequestLog {
  private readonly writes = new BoundedLog<LoggedRequest>(WRITES);
  private readonly reads = new BoundedLog<LoggedRequest>(READS);
  private ownTokens = 0;

  /** Notes a request; the caller fills in what becomes of it. */
  add(request: IncomingMessage, path: string, at: Date): LoggedRequest {
    const method = request.method ?? 'GET';
    const log = method === 'GET' ? this.reads : this.writes;
    const authorization = request.headers.authorization;
    const key = request.headers['idempotency-key'];
    const entry: LoggedRequest = {
      seq: this.reads.total + this.writes.total + 1,
      at: at.toISOString(),
      method,
      path,
      user: null,
      idempotency_key: typeof key === 'string' ? key : null,
      authorization: authorization !== undefined,
      own_token: /\btc_/.test(authorization ?? ''),
      header_names: Object.keys(request.headers).sort(),
      status: null,
      applied: false,
      replayed: false,
    };
    if (entry.own_token) this.ownTokens += 1;
    log.push(entry);
    return entry;
  }

  /** Counts since the last reset; the lists hold the latest ones, oldest first. */
  snapshot() {
    return {
      counts: { writes: this.writes.total, reads: this.reads.total, own_tokens: this.ownTokens },
      writes: this.writes.entries.map((entry) => ({ ...entry })),
      reads: this.reads.entries.map((entry) => ({ ...entry })),
    };
  }
}
