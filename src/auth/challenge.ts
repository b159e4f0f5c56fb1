import type { Config } from '../config/config.js';
import type { Resource } from './access.decorator.js';
import { ALL_SCOPES, READ_SCOPES, type Scope } from './scopes.js';

type Urls = Pick<Config, 'apiPublicUrl'>;

/**
 * `WWW-Authenticate` of a 401 (RFC 6750 §3, RFC 9728 §5.1): where a client finds out how to get a token, and the scopes
 * it should ask for; `write:trades` comes by step-up. Built from configuration and constants, never from the request.
 * @param presented whether a token was sent and refused
 */
export function tokenChallenge(urls: Urls, resource: Resource, presented: boolean): string {
  return bearer(urls, resource, READ_SCOPES, presented ? 'invalid_token' : undefined);
}

/**
 * `WWW-Authenticate` of a 403 (RFC 6750 §3.1): asks for what the token has plus what the operation needs, because
 * clients replace their scopes by the challenge's.
 */
export function scopeChallenge(urls: Urls, resource: Resource, held: ReadonlySet<Scope>, needed: Scope): string {
  const scopes = ALL_SCOPES.filter((scope) => scope === needed || held.has(scope));
  return bearer(urls, resource, scopes, 'insufficient_scope');
}

/** Address of the protected resource's metadata (RFC 9728 §3.1). */
function resourceMetadataUrl({ apiPublicUrl }: Urls, resource: Resource): string {
  return `${apiPublicUrl}/.well-known/oauth-protected-resource/${resource}`;
}

function bearer(urls: Urls, resource: Resource, scopes: readonly Scope[], error: string | undefined): string {
  const parameters = [
    ...(error === undefined ? [] : [`error="${error}"`]),
    `resource_metadata="${resourceMetadataUrl(urls, resource)}"`,
    `scope="${scopes.join(' ')}"`,
  ];
  return `Bearer ${parameters.join(', ')}`;
}
