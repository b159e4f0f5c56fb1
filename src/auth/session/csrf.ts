import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';

/** The CSRF token of a session: HMAC-SHA-256(pepper, 'csrf:' + SHA-256(session token)), base64url. Nothing is stored. */
export function csrfTokenOf(sessionToken: string, pepper: string): string {
  const session = createHash('sha256').update(sessionToken).digest('base64url');
  return createHmac('sha256', pepper).update(`csrf:${session}`).digest('base64url');
}

/**
 * Refuses what another site made the browser send: the origin must be ours, and the token this session's.
 * @throws AppError csrf_failed
 */
export function checkCsrf(
  request: FastifyRequest,
  csrfToken: string,
  urls: Pick<Config, 'publicUrl' | 'apiPublicUrl'>,
): void {
  if (!fromOurOrigin(request, urls)) throw new AppError('csrf_failed', { detail: 'The Origin header is not ours.' });
  if (!sameText(presentedToken(request), csrfToken)) {
    throw new AppError('csrf_failed', { detail: "The CSRF token is missing or not this session's." });
  }
}

/** `null` is an origin like any other that is not ours; without Origin the browser's Sec-Fetch-Site decides. */
function fromOurOrigin(
  { headers }: FastifyRequest,
  { publicUrl, apiPublicUrl }: Pick<Config, 'publicUrl' | 'apiPublicUrl'>,
): boolean {
  if (headers.origin === undefined) return headers['sec-fetch-site'] === 'same-origin';
  return [publicUrl, apiPublicUrl].some((url) => new URL(url).origin === headers.origin);
}

function presentedToken({ headers, body }: FastifyRequest): string {
  const header = headers['x-csrf-token'];
  if (header !== undefined) return String(header);
  const field = typeof body === 'object' && body !== null && 'csrf_token' in body ? body.csrf_token : undefined;
  return typeof field === 'string' ? field : '';
}

/** Constant time for equal lengths; the length of a CSRF token is no secret. */
function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
