import { TransportFailure, type HttpAnswer } from './http-exchange.js';
import { sanitizeText } from './sanitize-text.js';

/**
 * What is known about a write after its one attempt.
 * - `accepted`: pwa-be said yes
 * - `refused`: pwa-be said no; nothing was applied. `message` is its own reason, sanitized and capped, or empty
 * - `not_sent`: nothing reached pwa-be
 * - `unknown`: it may or may not have been applied; only looking tells
 * `reason` is for the log.
 */
export type WriteAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'not_sent'; readonly reason: string };

/**
 * Reads a write's answer by its status alone: what came of the body changes nothing about what pwa-be decided.
 * 408 is unknown, because an intermediary may send it for a request that pwa-be works on; 425 and 429 refuse before
 * anything is done (RFC 8470 §5.2, RFC 6585 §4). A redirect was not followed and proves nothing.
 */
export function writeAnswer({ status, headers, body }: HttpAnswer): WriteAnswer {
  if (status >= 200 && status <= 299) return { kind: 'accepted' };
  if (status >= 400 && status <= 499 && status !== 408) {
    return { kind: 'refused', status, message: refusalMessage(headers['content-type'], body) };
  }
  return { kind: 'unknown', reason: `status ${status}` };
}

/** What a write without a status came to. */
export function failedWrite(failure: TransportFailure): WriteAnswer {
  return { kind: failure.sent ? 'unknown' : 'not_sent', reason: failure.message };
}

/** pwa-be's reason: `message` (a string, or Nest's list of them), else `error`; other content is not quoted. */
function refusalMessage(contentType: string | undefined, body: Buffer): string {
  if (contentType === undefined || !/^application\/(problem\+)?json\b/i.test(contentType)) return '';
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    // Cut short or never JSON: the status has said the no, there is just no reason to quote.
    return '';
  }
  if (typeof parsed !== 'object' || parsed === null) return '';
  const { message, error } = parsed as { message?: unknown; error?: unknown };
  const texts = (Array.isArray(message) ? message : [message ?? error]).filter((text) => typeof text === 'string');
  return sanitizeText(texts.join('; '));
}
