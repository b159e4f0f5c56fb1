import { z } from 'zod';
import type { IssuedToken } from '../../auth/pat/pat.service.js';
import type { PersonalAccessToken } from '../../generated/prisma/client.js';

/** A token as its owner sees it; times are RFC 3339 in UTC, money is USDT. */
const tokenSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  hint: z.string().describe('The beginning of the token, to tell it from others.'),
  scopes: z.array(z.string()),
  max_trade_usdt: z.number().nullable(),
  write_policy: z.string(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
  last_used_ip: z.string().nullable(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});
export type TokenView = z.output<typeof tokenSchema>;

/** The same at its creation. */
export const issuedTokenSchema = z.strictObject({
  ...tokenSchema.shape,
  token: z.string().describe('The token itself, shown this once.'),
});

export type IssuedTokenView = z.output<typeof issuedTokenSchema>;

/** All tokens of a person. */
export const tokenListSchema = z.strictObject({ tokens: z.array(tokenSchema) });

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

/** The same with the token itself. */
export function issuedTokenView({ row, token }: IssuedToken): IssuedTokenView {
  return { ...tokenView(row), token };
}
