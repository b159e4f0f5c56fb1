import type { z } from 'zod';
import type { Principal } from '../auth/principal.js';
import type { Scope } from '../auth/scopes.js';
import type { UserUpstream } from '../pwa-be/pwa-be.client.js';

/** What a handler gets besides its parsed arguments. */
export interface ToolContext {
  readonly principal: Principal;
  /** pwa-be on the caller's behalf, within the call's deadline. */
  readonly upstream: UserUpstream;
}

/** MCP tool annotations, all four stated: a client must not have to guess. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** Everything about one tool in one object. */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** Says only what the tool really returns; a model chooses by it. */
  readonly description: string;
  readonly scope: Scope;
  readonly annotations: ToolAnnotations;
  /** Strict: an unknown argument is an error that names it. */
  readonly input: Input;
  /** The public shape; the handler's result is built from allow-lists to fit it exactly. */
  readonly output: Output;
  handler(args: z.output<Input>, context: ToolContext): Promise<z.output<Output>>;
}

/** The annotations of every read tool. The data lives at TradeCafe and the exchanges: an open world. */
export const READ_ONLY: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

/** Ties a tool's handler to its schemas' types; the value is returned as it is. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}
