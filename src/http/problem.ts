import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../errors/app-error.js';
import { nextStep } from '../errors/next-step.js';
import { routeOf } from './route-of.js';

/** Headers that belong to an error whatever the body's form: its own, and Retry-After in whole seconds. */
export function errorHeaders(error: AppError): Record<string, string> {
  const retryAfter = error.retryAfterSeconds;
  return {
    ...error.headers,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
  };
}

/** Answers with `application/problem+json` (RFC 9457): type, title, status, detail, code, next, request_id. */
export function renderProblem(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .code(error.entry.status)
    .headers(errorHeaders(error))
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(
      JSON.stringify({
        // Last, what the caller may rely on: nothing in `data` can replace it.
        ...error.data,
        type: 'about:blank',
        title: error.entry.title,
        status: error.entry.status,
        detail: error.detail,
        code: error.code,
        next: nextStep(error, routeOf(request)),
        request_id: request.id,
      }),
    );
}
