import type { Principal } from '../auth/principal.js';
import type { Mode } from '../config/config.js';
import type { AppError } from '../errors/app-error.js';
import type { TraceParent } from '../http/trace-context.js';
import type { HumanConfirmation, InputRequest } from '../safety/human-confirmation.js';

/** Who calls, and by what. */
export interface Caller {
  readonly principal: Principal;
  readonly transport: 'mcp' | 'rest' | 'stdio' | 'api';
  readonly requestId: string;
  /** The caller's own span, if it takes part in a trace. */
  readonly trace?: TraceParent;
  /** Of MCP: what the message said of itself. */
  readonly rpc?: {
    readonly method: string;
    readonly id: string | number | undefined;
    readonly protocolVersion: string | undefined;
  };
  /** What the client calls itself; proves nothing. */
  readonly clientName?: string;
  readonly address?: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** One half of the round trip of a write tool. */
export type WriteHalf = 'preview' | 'commit';

/** One call of a tool, whatever it came in by. */
export interface ToolCall extends Caller {
  readonly tool: string;
  /** As the client sent them. */
  readonly args: unknown;
  /** Write tools only: the half that the address names, so that there is no `dry_run` among the arguments. */
  readonly half?: WriteHalf;
  /** Commits only, of transports that have one: the client's Idempotency-Key. */
  readonly idempotencyKey?: string;
  /** How this transport can ask the person, where a credential's policy wants it. */
  readonly confirmation?: HumanConfirmation;
}

export interface ToolSuccess {
  readonly ok: true;
  readonly structured: Record<string, unknown>;
  /** The same as compact JSON: serialized once, sent as text. */
  readonly text: string;
  readonly meta: { readonly mode: Mode };
}

export interface CallFailure {
  readonly ok: false;
  /** With `inputRequired`: what a transport says that cannot come back with an answer. */
  readonly error: AppError;
  /** Nothing was done yet: ask the person this, and call again with the answer and the state. */
  readonly inputRequired?: InputRequest;
}

export type ToolOutcome = ToolSuccess | CallFailure;
