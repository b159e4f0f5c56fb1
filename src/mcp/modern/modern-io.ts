import type { ServerContext } from '@modelcontextprotocol/server';
import type { ClientAbility, ClientInput, LogLevel, RequestIo } from '../surface/request-io.js';

/** What a handler can say on the answer of its request; what it asks goes out as its result. */
export class ModernIo implements RequestIo {
  readonly input: ClientInput;

  /** @param state of the round before, opened and checked */
  constructor(
    private readonly context: ServerContext,
    readonly abilities: ReadonlySet<ClientAbility>,
    state: string | undefined,
  ) {
    this.input = { kind: 'rounds', responses: context.mcpReq.inputResponses ?? {}, state };
  }

  get signal(): AbortSignal {
    return this.context.mcpReq.signal;
  }

  progress(progress: number, total?: number, message?: string): void {
    const progressToken = this.context.mcpReq._meta?.progressToken;
    if (progressToken === undefined) return;
    const params = { progressToken, progress, total, message };
    this.context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  }

  /** The SDK compares with the level that the request's `_meta` names, and sends nothing when it names none. */
  log(level: LogLevel, data: unknown, logger?: string): void {
    this.context.mcpReq.log(level, data, logger).catch(() => undefined);
  }
}
