import { z } from 'zod';
import { STATIC_CLIENT_ID } from '../../auth/oauth/resources.js';
import type { OauthGrant } from '../../generated/prisma/client.js';

/** An app as who allowed it in sees it; times are RFC 3339 in UTC, money is USDT. */
const appSchema = z.strictObject({
  id: z.string(),
  client_id: z.string(),
  name: z.string().nullable().describe('What the app calls itself; proves nothing unless verified.'),
  verified: z.boolean(),
  resource: z.string(),
  scopes: z.array(z.string()),
  max_trade_usdt: z.number().nullable(),
  write_policy: z.string(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
  last_used_ip: z.string().nullable(),
  expires_at: z.string(),
});
export type AppView = z.output<typeof appSchema>;

/** All apps of a person. */
export const appListSchema = z.strictObject({ apps: z.array(appSchema) });

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
