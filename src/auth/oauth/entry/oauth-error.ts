import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../../errors/app-error.js';
import type { ErrorCode } from '../../../errors/error-table.js';
import { errorHeaders } from '../../../http/problem.js';

/** An OAuth error (RFC 6749 §5.2, RFC 7591 §3.2.2, RFC 8628 §3.5) that our own checks answer with. */
export class OauthError extends Error {
  constructor(
    readonly error: string,
    readonly description: string,
    readonly status = 400,
  ) {
    super(error);
  }
}

const NAMES: Partial<Record<ErrorCode, string>> = {
  rate_limited: 'temporarily_unavailable',
  database_unavailable: 'temporarily_unavailable',
  shutting_down: 'temporarily_unavailable',
  overloaded: 'temporarily_unavailable',
  internal_error: 'server_error',
};

/** Errors of the endpoints that programs talk to, in OAuth's own form. */
export function renderOauthError(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  const { cause } = error;
  const own = cause instanceof OauthError ? cause : undefined;
  void reply
    .code(own?.status ?? error.entry.status)
    .headers(errorHeaders(error))
    .header('cache-control', 'no-store')
    .type('application/json')
    .send(
      JSON.stringify({
        error: own?.error ?? NAMES[error.code] ?? 'invalid_request',
        error_description: own?.description ?? error.detail ?? error.entry.title,
        request_id: request.id,
      }),
    );
}
