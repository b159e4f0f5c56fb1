import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/error-table.js';
import { errorHeaders } from '../http/problem.js';
import { errorData, errorText, requestIdOf, RPC, rpcError } from './json-rpc.js';

const RPC_CODES: Partial<Record<ErrorCode, number>> = {
  invalid_json: RPC.parseError,
  invalid_request: RPC.invalidRequest,
  internal_error: RPC.internalError,
};

/** Errors of the HTTP exchange at /mcp (authorization, limits, body) as JSON-RPC errors with their HTTP status. */
export function renderMcpError(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  const code = RPC_CODES[error.code] ?? RPC.transport;
  const body = rpcError(requestIdOf(request.body), code, errorText(error), errorData(error, request.id));
  void reply
    .code(error.entry.status)
    .headers(errorHeaders(error))
    .header('cache-control', 'no-store')
    .type('application/json')
    .send(JSON.stringify(body));
}
