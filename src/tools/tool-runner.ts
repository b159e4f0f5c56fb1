import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CONFIG, type Config } from '../config/config.js';
import { isDatabaseUnavailable } from '../database/database-errors.js';
import { AppError } from '../errors/app-error.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { PwaBeClient, type UserUpstream } from '../pwa-be/pwa-be.client.js';
import { RoundTrip } from '../safety/round-trip.js';
import { sanitizeText } from '../pwa-be/sanitize-text.js';
import { CallLimiter } from './call-limiter.js';
import { parseArguments } from './parse-arguments.js';
import { toolByName } from './registry.js';
import type { Tool, WriteTool } from './tool.js';
import type { ToolCall, ToolFailure, ToolOutcome, ToolSuccess } from './tool-call.js';
import { roundTripArguments } from './write-schemas.js';

/** A whole call ends within 8 s, because clients in the field give up at 10; the rest is for answering. */
const DEADLINE_MS = 7_500;

/** What a call came to. `recorded`: its audit rows are written, in the transactions of the safety room. */
interface Attempt {
  readonly outcome: ToolOutcome;
  readonly recorded: boolean;
}

/** The one path every call of a tool takes, whatever its transport: the only place where policy lives. */
@Injectable()
export class ToolRunner {
  constructor(
    private readonly pwaBe: PwaBeClient,
    private readonly limiter: CallLimiter,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly roundTrip: RoundTrip,
  ) {}

  /** Runs a call to its end and records it. Never throws: what fails is an outcome with an error of the table. */
  async run(call: ToolCall): Promise<ToolOutcome> {
    const startedAt = performance.now();
    let upstream: UserUpstream | undefined;
    let attempt: Attempt;
    try {
      upstream = this.pwaBe.forUser(call.principal.userId, { signal: call.signal, deadlineMs: DEADLINE_MS });
      attempt = await this.attempt(call, upstream, startedAt);
    } catch (error) {
      attempt = unrecorded(this.failure(call, error));
    }
    const { outcome, recorded } = attempt;
    if (recorded) return outcome;
    try {
      await this.record(call, outcome, performance.now() - startedAt, upstream?.waitedMs ?? 0);
    } catch (error) {
      // A call that cannot be recorded is not answered: the log would not show that it was made.
      return this.failure(call, error);
    }
    return outcome;
  }

  /** The order is the policy. */
  private async attempt(call: ToolCall, upstream: UserUpstream, startedAt: number): Promise<Attempt> {
    const tool = this.find(call);
    const args = parseArguments(tool, call.args);
    this.requireScope(call, tool);
    await this.limiter.take(call.principal);
    if ('operation' in tool) return this.write(tool, args, call, upstream, startedAt);
    return unrecorded(this.success(await tool.handler(args, { principal: call.principal, upstream })));
  }

  /** Preview or commit: the safety room decides; only its answer is turned into an outcome here. */
  private async write(
    { operation }: WriteTool,
    args: Record<string, unknown>,
    call: ToolCall,
    upstream: UserUpstream,
    startedAt: number,
  ): Promise<Attempt> {
    const { dryRun, actionToken, named } = roundTripArguments(args);
    const { tool, principal, confirmation, signal, ...rest } = call;
    const origin = { ...rest, operation: tool, principal, startedAt };
    const write = { operation, args: named, actionToken, confirmation, signal, origin };
    if (dryRun) return unrecorded(this.success(await this.roundTrip.preview(write, upstream)));
    const result = await this.roundTrip.commit(write);
    if (result.kind === 'done') return { outcome: this.success(result.structured), recorded: result.recorded };
    if (result.kind === 'failed') return { outcome: { ok: false, error: result.error }, recorded: result.recorded };
    return unrecorded({ ok: false, error: new AppError('confirmation_required'), inputRequired: result.request });
  }

  private success(structured: Record<string, unknown>): ToolSuccess {
    return { ok: true, structured, text: JSON.stringify(structured), meta: { mode: this.config.mode } };
  }

  private find(call: ToolCall): Tool {
    const tool = toolByName(call.tool);
    if (tool === undefined)
      throw new AppError('unknown_tool', { detail: `There is no tool "${sanitizeText(call.tool, 64)}".` });
    return tool;
  }

  private requireScope(call: ToolCall, tool: Tool): void {
    if (call.principal.scopes.has(tool.scope)) return;
    throw new AppError('insufficient_scope', {
      detail: `${tool.name} needs the scope ${tool.scope}, which this credential does not have.`,
      data: { required_scope: tool.scope },
    });
  }

  private failure(call: ToolCall, error: unknown): ToolFailure {
    if (error instanceof AppError) return { ok: false, error };
    const away = isDatabaseUnavailable(error);
    this.logger.error({ err: error, request_id: call.requestId }, away ? 'The database is away' : 'A tool failed');
    return { ok: false, error: new AppError(away ? 'database_unavailable' : 'internal_error', { cause: error }) };
  }

  private record(call: ToolCall, outcome: ToolOutcome, durationMs: number, upstreamMs: number): void | Promise<void> {
    return this.audit.record({
      actor: call.principal,
      transport: call.transport,
      operation: call.tool,
      args: call.args,
      outcome: outcome.ok ? 'ok' : isDenial(outcome.error) ? 'denied' : 'error',
      code: outcome.ok ? undefined : outcome.error.code,
      durationMs,
      upstreamMs,
      requestId: call.requestId,
      traceId: call.traceId,
      clientName: call.clientName,
      address: call.address,
    });
  }
}

function unrecorded(outcome: ToolOutcome): Attempt {
  return { outcome, recorded: false };
}

/** Whether we said no, as opposed to: it went wrong. */
function isDenial(error: AppError): boolean {
  return [403, 409, 429].includes(error.entry.status);
}
