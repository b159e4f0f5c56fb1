import type { IssuedToken } from '../../auth/pat/pat.service.js';
import type { PersonalAccessToken } from '../../generated/prisma/client.js';

/** A token as its owner sees it; times are RFC 3339 in UTC, money is USDT. */
export interface TokenView {
  readonly id: string;
  readonly name: string;
  /** e.g. `tc_pat_Ab3…` */
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly max_trade_usdt: number | null;
  readonly write_policy: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly last_used_ip: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** Field by field: what is not listed here does not leave. */
export function tokenView(row: PersonalAccessToken): TokenView {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    max_trade_usdt: row.maxTradeUsdt?.toNumber() ?? null,
    write_policy: row.writePolicy,
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    last_used_ip: row.lastUsedIp,
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
  };
}

/** The same with the token itself, shown this once. */
export function issuedTokenView({ row, token }: IssuedToken): TokenView & { readonly token: string } {
  return { ...tokenView(row), token };
}
