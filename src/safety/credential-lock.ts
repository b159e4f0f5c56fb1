import type { Principal, PrincipalKind } from '../auth/principal.js';
import { Prisma } from '../generated/prisma/client.js';

/**
 * How a commit holds on to the credential it is made with: a query that locks the credential's row FOR SHARE and returns
 * one row `live boolean, scopes text[], max_trade_usdt float8, write_policy text`, or none when there is no such
 * credential of this user. Revoking must update that row: then a commit is either before or after it.
 */
export interface CredentialLock {
  readonly kind: PrincipalKind;
  query(credentialId: string, userId: string): Prisma.Sql;
}

/** Injection token of the locks, one for each kind of credential that may write: `readonly CredentialLock[]`. */
export const CREDENTIAL_LOCKS = Symbol('CREDENTIAL_LOCKS');

export const PAT_LOCK: CredentialLock = {
  kind: 'pat',
  query: (id, userId) => Prisma.sql`
    SELECT revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()) AS live,
           scopes, max_trade_usdt::float8 AS max_trade_usdt, write_policy
      FROM personal_access_tokens WHERE id = ${id}::uuid AND user_id = ${userId} FOR SHARE`,
};

/** Its tokens may hold less than the grant; the runner has looked at that. */
export const GRANT_LOCK: CredentialLock = {
  kind: 'oauth',
  query: (id, userId) => Prisma.sql`
    SELECT revoked_at IS NULL AND expires_at > clock_timestamp() AS live,
           scopes, max_trade_usdt::float8 AS max_trade_usdt, write_policy
      FROM oauth_grants WHERE id = ${id}::uuid AND user_id = ${userId} FOR SHARE`,
};

/** The site's own session has no row here: what it may do, the site decides. */
export const SESSION_LOCK: CredentialLock = {
  kind: 'session',
  query: () => Prisma.sql`
    SELECT true AS live, ARRAY['write:trades'] AS scopes, NULL::float8 AS max_trade_usdt, 'token_only' AS write_policy`,
};

/** What a credential is called in the ledger; sessions have no id of their own. */
export function ledgerCredentialId({ kind, credentialId, userId }: Principal): string {
  return kind === 'session' ? `session:${userId}` : credentialId;
}
