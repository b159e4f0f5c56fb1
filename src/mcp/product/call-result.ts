import type { AppError } from '../../errors/app-error.js';
import type { ToolOutcome } from '../../tools/tool-call.js';
import { errorData, errorText } from '../json-rpc.js';

/** `_meta` keys of ours (MCP: a reverse-DNS prefix of a domain we own). */
export const META_MODE = 'ai.tradecafe/mode';
export const META_ERROR = 'ai.tradecafe/error';

/** The part of a CallToolResult that both eras share. */
export interface CallResult {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
  _meta: Record<string, unknown>;
}

/** Turns the runner's outcome into a tool result: structured content and the same JSON as text, or an error that says what to do. */
export function callResult(outcome: ToolOutcome, requestId: string): CallResult {
  if (!outcome.ok) return errorResult(outcome.error, requestId);
  return {
    content: [{ type: 'text', text: outcome.text }],
    structuredContent: outcome.structured,
    _meta: { [META_MODE]: outcome.meta.mode },
  };
}

/** No structuredContent on errors: clients of SDK v1 validate it against the output schema even then. */
function errorResult(error: AppError, requestId: string): CallResult {
  return {
    content: [{ type: 'text', text: errorText(error) }],
    isError: true,
    _meta: { [META_ERROR]: errorData(error, requestId) },
  };
}
