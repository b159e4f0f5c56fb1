import type { Principal } from '../auth/principal.js';
import type { Scope } from '../auth/scopes.js';

/**
 * Whether a listing shows a caller what needs these scopes. A PAT is shown what it may use: it cannot be widened. An
 * OAuth client is shown everything: using it leads to a step-up.
 */
export function isShown({ kind, scopes }: Pick<Principal, 'kind' | 'scopes'>, needed: readonly Scope[]): boolean {
  return kind === 'oauth' || needed.every((scope) => scopes.has(scope));
}
