import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { ResultSchema, type ServerNotification, type ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import {
  type ClientAbility,
  type ClientInput,
  type ClientRequest,
  LOG_LEVELS,
  type LogLevel,
  type RequestIo,
} from '../surface/request-io.js';

/** How long a person may think about a question that a call waits for. */
const ANSWER_WITHIN_MS = 120_000;

/** What a handler can say on the SSE answer of its request, and hear from the client's POSTs. */
export class LegacyIo implements RequestIo {
  readonly input: ClientInput = { kind: 'live', ask: (request) => this.ask(request) };

  /** @param levelOf the least severe level that the session wants; undefined: logging is not offered */
  constructor(
    private readonly extra: RequestHandlerExtra<ServerRequest, ServerNotification>,
    readonly abilities: ReadonlySet<ClientAbility>,
    private readonly levelOf: (() => LogLevel) | undefined,
  ) {}

  get signal(): AbortSignal {
    return this.extra.signal;
  }

  progress(progress: number, total?: number, message?: string): void {
    const progressToken = this.extra._meta?.progressToken;
    if (progressToken === undefined) return;
    this.notify({ method: 'notifications/progress', params: { progressToken, progress, total, message } });
  }

  log(level: LogLevel, data: unknown, logger?: string): void {
    if (this.levelOf === undefined || LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.levelOf())) return;
    this.notify({ method: 'notifications/message', params: { level, data, logger } });
  }

  private ask({ method, params }: ClientRequest): Promise<Readonly<Record<string, unknown>>> {
    // The server's own types want each request's full shape; what is asked is the surface's to get right.
    const request = { method, params } as ServerRequest;
    return this.extra.sendRequest(request, ResultSchema, { timeout: ANSWER_WITHIN_MS, signal: this.signal });
  }

  /** To a client that is gone there is nothing to say. */
  private notify(notification: ServerNotification): void {
    this.extra.sendNotification(notification).catch(() => undefined);
  }
}
