import type { AppError } from '../../errors/app-error.js';
import { errorData, errorText, RPC } from '../json-rpc.js';
import type { AnswerOverride } from '../reply-channel.js';

/** A request that fails as a JSON-RPC error: thrown by a surface's handlers, answered with just this by either leg. */
export class RpcFailure extends Error {
  /**
   * @param code JSON-RPC or MCP error code
   * @param answer what the HTTP answer needs besides, e.g. a status of its own and a challenge
   */
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
    readonly answer: AnswerOverride = {},
  ) {
    super(message);
    this.name = 'RpcFailure';
  }

  /** One of our table's errors, where the method has no result that could carry it. */
  static of(error: AppError, requestId: string, answer?: AnswerOverride): RpcFailure {
    return new RpcFailure(RPC.transport, errorText(error), errorData(error, requestId), answer);
  }
}

/**
 * The resource is not there, or not for this caller: -32602 (MCP 2026-07-28, server/resources, Error Handling); the
 * handshake revisions know it as -32002, and the leg says so.
 */
export class ResourceNotFound extends RpcFailure {
  /** @param data what else there is to say about it */
  constructor(uri: string, data: Readonly<Record<string, unknown>> = {}) {
    super(RPC.invalidParams, 'Resource not found', { ...data, uri });
  }
}
