import type { z } from 'zod';
import type { Principal } from '../auth/principal.js';
import type { Scope } from '../auth/scopes.js';
import type { UserUpstream } from '../pwa-be/pwa-be.client.js';
import type { WriteOperation } from '../safety/write-operation.js';

/** What a handler gets besides its parsed arguments. */
interface ToolContext {
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

/** What every tool says about itself. */
interface ToolFace<Input extends z.ZodObject, Output extends z.ZodObject> {
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
}

/** Everything about one tool that reads, in one object. */
export interface ReadTool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> extends ToolFace<Input, Output> {
  handler(args: z.output<Input>, context: ToolContext): Promise<z.output<Output>>;
}

/** Everything about one tool that moves money. It has no handler: only the safety room carries its operation out. */
export interface WriteTool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> extends ToolFace<Input, Output> {
  readonly operation: WriteOperation;
}

export type Tool = ReadTool | WriteTool;

/** The annotations of every read tool. The data lives at TradeCafe and the exchanges: an open world. */
export const READ_ONLY: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

/** The annotations of every write tool. Repeating a commit is harmless: its action token works once. */
export const MOVES_MONEY: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: true,
};

/** Ties a tool's handler to its schemas' types; the value is returned as it is. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: ReadTool<Input, Output>,
): ReadTool<Input, Output> {
  return tool;
}

/** The same for a tool that moves money. */
export function defineWriteTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: WriteTool<Input, Output>,
): WriteTool<Input, Output> {
  return tool;
}
