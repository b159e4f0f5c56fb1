import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database-errors.js';
import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/error-table.js';

/** What Fastify's own refusals mean in our table. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_ASYNC_CONSTRAINT: 'invalid_request',
};

/** What a bare HTTP status means, for refusals of the framework that carry nothing else. */
const STATUS_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  413: 'payload_too_large',
  414: 'invalid_request',
  415: 'unsupported_media_type',
  503: 'shutting_down',
};

/** Gives every thrown thing its place in the table; what has none is `internal_error`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  // Node's word for a client that went away within its body is the one for a lost database, too.
  if (isAbortedBody(error)) return new AppError('invalid_request', { detail: 'The body ended early.', cause: error });
  if (isDatabaseUnavailable(error)) return new AppError('database_unavailable', { cause: error, retryAfterSeconds: 5 });
  if (error instanceof SyntaxError && statusOf(error) === 400) return new AppError('invalid_json', { cause: error });
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? FASTIFY_CODES[code] : undefined;
  const byStatus = STATUS_CODES[statusOf(error)];
  return new AppError(known ?? byStatus ?? 'internal_error', { cause: error });
}

function isAbortedBody(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ECONNRESET' && statusOf(error) === 400;
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}
