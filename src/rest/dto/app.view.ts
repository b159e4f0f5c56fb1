import { STATIC_CLIENT_ID } from '../../auth/oauth/resources.js';
import type { OauthGrant } from '../../generated/prisma/client.js';

/** An app as who allowed it in sees it; times are RFC 3339 in UTC, money is USDT. */
export interface AppView {
  readonly id: string;
  readonly client_id: string;
  /** What the app calls itself; proves nothing unless `verified`. */
  readonly name: string | null;
  readonly verified: boolean;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly max_trade_usdt: number | null;
  readonly write_policy: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly last_used_ip: string | null;
  readonly expires_at: string;
}

/** Field by field: what is not listed here does not leave. */
export function appView(grant: OauthGrant): AppView {
  return {
    id: grant.id,
    client_id: grant.clientId,
    name: grant.clientName,
    verified: grant.clientId === STATIC_CLIENT_ID,
    resource: grant.resource,
    scopes: grant.scopes,
    max_trade_usdt: grant.maxTradeUsdt?.toNumber() ?? null,
    write_policy: grant.writePolicy,
    created_at: grant.createdAt.toISOString(),
    last_used_at: grant.lastUsedAt?.toISOString() ?? null,
    last_used_ip: grant.lastUsedIp,
    expires_at: grant.expiresAt.toISOString(),
  };
}
