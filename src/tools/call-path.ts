import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Scope } from '../auth/scopes.js';
import { isDatabaseUnavailable } from '../database/database-errors.js';
import { AppError } from '../errors/app-error.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { PwaBeClient, type UserUpstream } from '../pwa-be/pwa-be.client.js';
import { Telemetry } from '../telemetry/telemetry.js';
import { CallLimiter } from './call-limiter.js';
import type { CallFailure, Caller } from './tool-call.js';

/** A whole call ends within 8 s, because clients in the field give up at 10; the rest is for answering. */
const DEADLINE_MS = 7_500;

/** One call of anything that can be called: a tool, or one of pwa-be's own paths. */
export interface Call extends Caller {
  /** What the audit log calls it. */
  readonly operation: string;
  /** As the client sent them. */
  readonly args: unknown;
}

interface Success {
  readonly ok: true;
}

/** What a call came to. `recorded`: its audit rows are written, in the transactions of the safety room. */
export interface Attempt<Result extends Success> {
  readonly outcome: Result | CallFailure;
  readonly recorded: boolean;
}

/** What is being called. */
export interface Operation<Result extends Success> {
  /** As a refusal names it. */
  readonly name: string;
  /** Any one of them opens it; the first is the one to ask for. */
  readonly scopes: readonly [Scope, ...Scope[]];
  /** @throws AppError invalid_arguments */
  parse(args: unknown): Record<string, unknown>;
  /** @param startedAt `performance.now()` when the call came in */
  perform(args: Record<string, unknown>, upstream: UserUpstream, startedAt: number): Promise<Attempt<Result>>;
}

/** The one path that every call takes, whatever is called and by whichever transport: the only place where policy lives. */
@Injectable()
export class CallPath {
  constructor(
    private readonly pwaBe: PwaBeClient,
    private readonly limiter: CallLimiter,
    private readonly audit: AuditService,
    private readonly telemetry: Telemetry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Runs a call to its end and records it. Never throws: what fails is an outcome with an error of the table.
   * @param find what is called; its error is the call's
   */
  async run<Result extends Success>(call: Call, find: () => Operation<Result>): Promise<Result | CallFailure> {
    const startedAt = performance.now();
    let upstream: UserUpstream | undefined;
    let attempt: Attempt<Result>;
    try {
      upstream = this.pwaBe.forUser(call.principal.userId, { signal: call.signal, deadlineMs: DEADLINE_MS });
      attempt = await this.attempt(call, find(), upstream, startedAt);
    } catch (error) {
      attempt = unrecorded(this.failure(call, error));
    }
    let outcome: Result | CallFailure = attempt.outcome;
    const durationMs = performance.now() - startedAt;
    const upstreamMs = upstream?.waitedMs ?? 0;
    if (!attempt.recorded) {
      try {
        await this.record(call, outcome, durationMs, upstreamMs);
      } catch (error) {
        // A call that cannot be recorded is not answered: the log would not show that it was made.
        outcome = this.failure(call, error);
      }
    }
    if (this.telemetry.isOn) this.observe(call, outcome, performance.now() - startedAt, upstreamMs);
    return outcome;
  }

  /** The order is the policy. */
  private async attempt<Result extends Success>(
    call: Call,
    operation: Operation<Result>,
    upstream: UserUpstream,
    startedAt: number,
  ): Promise<Attempt<Result>> {
    const args = operation.parse(call.args);
    requireScope(call, operation);
    await this.limiter.take(call.principal);
    return operation.perform(args, upstream, startedAt);
  }

  private failure(call: Call, error: unknown): CallFailure {
    if (error instanceof AppError) return { ok: false, error };
    const away = isDatabaseUnavailable(error);
    this.logger.error({ err: error, request_id: call.requestId }, away ? 'The database is away' : 'A call failed');
    return { ok: false, error: new AppError(away ? 'database_unavailable' : 'internal_error', { cause: error }) };
  }

  private observe(call: Call, outcome: Success | CallFailure, durationMs: number, upstreamMs: number): void {
    const errorCode = outcome.ok ? undefined : outcome.error.code;
    this.telemetry.observe({
      transport: call.transport,
      // The name of a tool that does not exist is the caller's invention.
      operation: errorCode === 'unknown_tool' ? undefined : call.operation,
      method: call.rpc?.method,
      rpcId: call.rpc?.id,
      protocolVersion: call.rpc?.protocolVersion,
      errorCode,
      durationMs,
      upstreamMs,
      parent: call.trace,
    });
  }

  private record(
    call: Call,
    outcome: Success | CallFailure,
    durationMs: number,
    upstreamMs: number,
  ): void | Promise<void> {
    return this.audit.record({
      actor: call.principal,
      transport: call.transport,
      operation: call.operation,
      args: call.args,
      outcome: outcome.ok ? 'ok' : isDenial(outcome.error) ? 'denied' : 'error',
      code: outcome.ok ? undefined : outcome.error.code,
      durationMs,
      upstreamMs,
      requestId: call.requestId,
      traceId: call.trace?.traceId,
      clientName: call.clientName,
      address: call.address,
    });
  }
}

/** An outcome that nobody has written an audit row for yet. */
export function unrecorded<Outcome extends Success | CallFailure>(
  outcome: Outcome,
): {
  readonly outcome: Outcome;
  readonly recorded: false;
} {
  return { outcome, recorded: false };
}

function requireScope({ principal }: Call, { name, scopes }: Pick<Operation<Success>, 'name' | 'scopes'>): void {
  if (scopes.some((scope) => principal.scopes.has(scope))) return;
  const needed = scopes.length === 1 ? `the scope ${scopes[0]}` : `one of the scopes ${scopes.join(', ')}`;
  throw new AppError('insufficient_scope', {
    detail: `${name} needs ${needed}, which this credential does not have.`,
    data: { required_scope: scopes[0] },
  });
}

/** Whether we said no, as opposed to: it went wrong. */
function isDenial(error: AppError): boolean {
  return [403, 409, 429].includes(error.entry.status);
}
