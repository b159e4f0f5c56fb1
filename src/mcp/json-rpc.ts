import type { AppError } from '../errors/app-error.js';

/** JSON-RPC 2.0 and MCP error codes that this endpoint itself answers with (MCP 2026-07-28, basic/index, Error Codes). */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /**
   * What MCP has no code for: authorization, limits, our table's errors where no result can carry them; `data.code` says
   * which. Outside the range that JSON-RPC and MCP keep for themselves, where SDK v1 has -32000 for a closed connection.
   */
  transport: -31_000,
  /** The handshake revisions' only; 2026-07-28 says invalidParams. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

export type RequestId = string | number | null;

/** The id to answer with: the body's own, when it is one; null otherwise (JSON-RPC 2.0 §5). */
export function requestIdOf(body: unknown): RequestId {
  const id = (body as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** A JSON-RPC error response. */
export function rpcError(id: RequestId, code: number, message: string, data?: unknown): object {
  return { jsonrpc: '2.0', error: data === undefined ? { code, message } : { code, message, data }, id };
}

/** The machine-readable part of one of our errors, the same at HTTP level and in a tool result's `_meta`. */
export function errorData(error: AppError, requestId: string): Record<string, unknown> {
  return {
    ...error.data,
    code: error.code,
    next: error.entry.next,
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { retry_after_seconds: Math.max(1, Math.ceil(error.retryAfterSeconds)) }),
    request_id: requestId,
  };
}

/** For a person or a model: what happened, what exactly, then what to do. */
export function errorText({ entry, detail }: AppError): string {
  return [entry.title, detail, entry.next].filter((sentence) => sentence !== undefined).join(' ');
}
