import { createHash } from 'node:crypto';
import { sanitizeText } from '../../pwa-be/sanitize-text.js';

/**
 * Everything pwa-be sends as a string reaches a language model through one of these functions and no other way. They
 * leave what a healthy upstream sends as it is.
 */

/** Longest free text that is passed on, in characters: aliases, labels, names, dates. */
const MAX_TEXT = 200;
/** RFC 5321 §4.5.3.1: 64 of local part, @, 255 of domain. */
const MAX_EMAIL = 320;
/** What an id looks like that can travel through a model and back: no space, no markup, nothing invisible. */
const SAFE_ID = /^[A-Za-z0-9][\w.:~-]{0,127}$/;

/** Words of plain ASCII: nothing in them to sanitize. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** A string of pwa-be, safe for a model and capped. */
export function text(value: string): string {
  // Nearly all that pwa-be sends is plain, and a call has hundreds of strings.
  return value.length <= MAX_TEXT && PLAIN.test(value) ? value : sanitizeText(value, MAX_TEXT);
}

/** {@link text} for fields that may be empty of meaning. */
export function textOrNull(value: string | null): string | null {
  return value === null ? null : text(value);
}

/** An email address, safe for a model and capped. */
export function email(value: string): string {
  return sanitizeText(value, MAX_EMAIL);
}

/**
 * The id under which the public knows a row. A well-formed id is passed on untouched. Anything else (text in an id's
 * place) must neither reach a model nor lose its meaning by being cut: it is given a stable alias instead, and who
 * looks a row up compares with this function, so that the alias still finds the row.
 */
export function publicId(value: string): string {
  if (SAFE_ID.test(value)) return value;
  return `ref_${createHash('sha256').update(value).digest('hex').slice(0, 40)}`;
}
