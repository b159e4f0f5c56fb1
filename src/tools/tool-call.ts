import type { Principal } from '../auth/principal.js';
import type { Mode } from '../config/config.js';
import type { AppError } from '../errors/app-error.js';
import type { HumanConfirmation, InputRequest } from '../safety/human-confirmation.js';

/** One call of a tool, whatever it came in by. */
export interface ToolCall {
  readonly tool: string;
  /** As the client sent them. */
  readonly args: unknown;
  readonly principal: Principal;
  readonly transport: 'mcp' | 'rest' | 'stdio' | 'api';
  readonly requestId: string;
  readonly traceId?: string;
  /** What the client calls itself; proves nothing. */
  readonly clientName?: string;
  readonly address?: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
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

export interface ToolFailure {
  readonly ok: false;
  /** With `inputRequired`: what a transport says that cannot come back with an answer. */
  readonly error: AppError;
  /** Nothing was done yet: ask the person this, and call again with the answer and the state. */
  readonly inputRequired?: InputRequest;
}

export type ToolOutcome = ToolSuccess | ToolFailure;
