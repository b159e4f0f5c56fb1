import type { KoaContextWithOIDC } from 'oidc-provider';
import { isScope } from '../../scopes.js';
import { errors } from './oidc-library.js';

/** Name of the parameter by which our checks in front of the library tell it what to refuse, once it may redirect. */
export const REFUSED = 'refused';

/**
 * What our policy refuses beyond the library's own, at the point where client and redirect address are known to be
 * right and the refusal may go back to the client.
 */
export function refuseByPolicy(ctx: KoaContextWithOIDC, refused: string | undefined): void {
  if (refused !== undefined) throw new errors.InvalidRequest(`${refused} is not supported`);
  const { scope, resource } = ctx.oidc.params ?? {};
  if (typeof scope !== 'string' || !scope.split(' ').every(isScope)) {
    throw new errors.InvalidScope('there is no such scope', String(scope));
  }
  // One resource a token: what opens two doors can be carried from one to the other (RFC 8707 §2.2).
  if (Array.isArray(resource)) throw new errors.InvalidTarget('only one resource can be asked for');
}
