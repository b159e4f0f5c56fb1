import type { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/error-table.js';
import type { HttpAnswer, TransportFailure } from './http-exchange.js';

const MAX_ISSUES = 5;
const MAX_RETRY_AFTER_S = 60;

/** The codes of statuses that need one of their own. */
const BY_STATUS: ReadonlyMap<number, ErrorCode> = new Map([
  // Our own key was refused. The caller can do nothing about it.
  [401, 'upstream_unauthorized'],
  // Unlike 401 not about our key: pwa-be knows the user and refuses this very thing.
  [403, 'upstream_rejected'],
  [404, 'upstream_not_found'],
  [408, 'upstream_timeout'],
  // pwa-be has too much to do; nothing is wrong with the request.
  [429, 'upstream_unavailable'],
]);

/**
 * The JSON of a successful answer.
 * @param route method and path template for the log, without ids
 * @throws AppError: the status's code, or `upstream_invalid`; causes name route and status, never content
 */
export function readJson(route: string, answer: HttpAnswer): unknown {
  if (answer.failure !== undefined) throw failureError(route, answer.failure);
  if (answer.status < 200 || answer.status > 299) throw statusError(route, answer);
  try {
    return JSON.parse(answer.body.toString('utf8')) as unknown;
  } catch {
    // The parser's message quotes the body, which is not for the log.
    throw invalid(`${route}: not JSON, ${answer.body.length} bytes`);
  }
}

/**
 * Checks an answer against its schema. Every call makes a new value, so that callers who shared a flight share no object.
 * @throws AppError `upstream_invalid`, its cause naming where the shape differs, never the value
 */
export function parseWire<S extends z.ZodType>(route: string, schema: S, json: unknown): z.output<S> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { issues } = result.error;
  const named = issues.slice(0, MAX_ISSUES).map(({ path, code }) => `${path.join('.') || '(root)'} ${code}`);
  throw invalid(`${route}: ${issues.length} issues, ${named.join(', ')}`);
}

/** The error of an exchange that brought no usable answer. */
export function failureError(route: string, failure: TransportFailure): AppError {
  const cause = new Error(`${route}: ${failure.message}`, { cause: failure.cause });
  if (failure.reason === 'timeout') return new AppError('upstream_timeout', { cause });
  if (failure.reason === 'too_large') return new AppError('upstream_invalid', { cause });
  if (failure.reason === 'cancelled') return new AppError('cancelled', { cause });
  return new AppError('upstream_unavailable', { cause });
}

function statusError(route: string, { status, headers }: HttpAnswer): AppError {
  const cause = new Error(`${route}: status ${status}`);
  if (status < 400) return new AppError('upstream_invalid', { cause });
  const fallback = status >= 500 ? 'upstream_unavailable' : 'upstream_rejected';
  const code = BY_STATUS.get(status) ?? fallback;
  const detail = code === 'upstream_rejected' ? `TradeCafe answered with status ${status}.` : undefined;
  return new AppError(code, { cause, detail, retryAfterSeconds: retryAfter(headers['retry-after']) });
}

/** Delay seconds (RFC 9110 §10.2.3) of pwa-be, bounded; its date form is ignored. */
function retryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Math.min(Number(value), MAX_RETRY_AFTER_S) : undefined;
}

function invalid(message: string): AppError {
  return new AppError('upstream_invalid', { cause: new Error(message) });
}
