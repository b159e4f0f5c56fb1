import { isScope, READ_SCOPES } from '../../scopes.js';

/** What OpenID clients add out of habit; it means nothing here and is no reason to refuse them. */
const IGNORED = new Set(['openid', 'profile', 'email', 'offline_access']);
/** In the grammar of scopes (RFC 6749 §3.3), and refused by everybody. */
const NO_SCOPE = 'unknown';

/**
 * The scopes that a request is for (RFC 6749 §3.3): those that exist; the read scopes where none was named; where all
 * that was named is unknown, one that will be refused.
 */
export function effectiveScope(asked: string | null): string {
  const names = [...new Set((asked ?? '').split(' ').filter(Boolean))];
  const known = names.filter(isScope);
  if (known.length > 0) return known.join(' ');
  return names.every((name) => IGNORED.has(name)) ? READ_SCOPES.join(' ') : NO_SCOPE;
}
