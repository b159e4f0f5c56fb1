import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { AuditEntry } from '../../audit/audit-row.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AppError } from '../../errors/app-error.js';
import { LOGGER, type Logger } from '../../logging/logger.js';

/** A client that keeps trying fills no log: one row in so many milliseconds for a credential and a reason. */
const ONCE_IN_MS = 5_000;
const MAX_RECENT = 10_000;
const COUNT_EVERY_MS = 60_000;

type Holder = AuditEntry['actor'];

const holders = new WeakMap<AppError, Holder>();

/** Says whose credential it is that is refused: a genuine token that has ended, or a session without its CSRF token. */
export function heldBy(holder: Holder, error: AppError): AppError {
  holders.set(error, holder);
  return error;
}

/** Where a refused request came from, and what it asked for. */
interface RefusedRequest {
  readonly requestId: string;
  /** Method and pattern of the route. */
  readonly route: string;
  readonly address: string;
  readonly clientName: string | undefined;
}

/** What the log says of a request that was refused. */
export function refusedRequest(request: FastifyRequest): RefusedRequest {
  return {
    requestId: request.id,
    route: `${request.method} ${request.routeOptions.url}`,
    address: request.ip,
    clientName: request.headers['user-agent'],
  };
}

/** Refused credentials: a known one is an event of its owner's audit log, unknown ones are counted. */
@Injectable()
export class RefusalLog implements OnApplicationShutdown {
  private readonly recent = new LRUCache<string, true>({ max: MAX_RECENT, ttl: ONCE_IN_MS });
  private unknown = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly audit: AuditService,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info'>,
  ) {}

  /** @throws AppError `overloaded` when the log cannot keep up */
  async record(error: AppError, { requestId, route, address, clientName }: RefusedRequest): Promise<void> {
    const holder = holders.get(error);
    if (holder === undefined) {
      if (error.entry.status === 401) this.count();
      return;
    }
    const key = `${holder.userId} ${holder.credentialId} ${error.code}`;
    if (this.recent.has(key)) return;
    this.recent.set(key, true);
    await this.audit.record({
      actor: holder,
      transport: 'http',
      operation: route,
      outcome: 'denied',
      code: error.code,
      durationMs: 0,
      requestId,
      clientName,
      address,
    });
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.report();
  }

  private count(): void {
    this.unknown += 1;
    this.timer ??= setTimeout(() => this.report(), COUNT_EVERY_MS).unref();
  }

  private report(): void {
    this.timer = undefined;
    if (this.unknown > 0) this.logger.info({ unknown_tokens: this.unknown }, 'Tokens that nobody holds were refused');
    this.unknown = 0;
  }
}
