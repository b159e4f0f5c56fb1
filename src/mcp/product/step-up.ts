import { scopeChallenge } from '../../auth/challenge.js';
import type { Scope } from '../../auth/scopes.js';
import type { Config } from '../../config/config.js';
import type { AppError } from '../../errors/app-error.js';
import type { Exchange } from '../exchange.js';
import { RpcFailure } from '../surface/rpc-failure.js';

/**
 * The step-up challenge (RFC 6750 §3.1), if that is what a failure is: a scope is missing, and the client can ask for it.
 * A PAT cannot be widened: its failure stays what it is.
 */
export function stepUp(
  config: Pick<Config, 'apiPublicUrl'>,
  { principal, request }: Exchange,
  error: AppError,
): RpcFailure | undefined {
  if (error.code !== 'insufficient_scope' || principal.kind !== 'oauth') return undefined;
  const challenge = scopeChallenge(config, 'mcp', principal.scopes, error.data?.['required_scope'] as Scope);
  return RpcFailure.of(error, request.id, { status: 403, headers: { 'www-authenticate': challenge } });
}
