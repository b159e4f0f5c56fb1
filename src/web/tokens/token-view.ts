import { isScope, READ_SCOPES, type Scope } from '../../auth/scopes.js';
import type { PersonalAccessToken } from '../../generated/prisma/client.js';

/** What pages show of a token; nothing of it helps anybody to use it. */
export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly Scope[];
  /** As a decimal number in USDT; null: no cap. */
  readonly maxTradeUsdt: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
  readonly lastUsedClient: string | null;
}

/** The shown part of a row. */
export function tokenView(row: PersonalAccessToken): TokenView {
  const { id, name, hint, scopes, createdAt, expiresAt, revokedAt, lastUsedAt, lastUsedIp, lastUsedClient } = row;
  const maxTradeUsdt = row.maxTradeUsdt?.toString() ?? null;
  return {
    id,
    name,
    hint,
    scopes: scopes.filter(isScope),
    maxTradeUsdt,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    lastUsedIp,
    lastUsedClient,
  };
}

/** Whether a request with this token would be let in. */
export function isLive({ expiresAt, revokedAt }: TokenView, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

/** Whether a token can move money. */
export function canTrade({ scopes }: Pick<TokenView, 'scopes'>): boolean {
  return scopes.includes('write:trades');
}

/** A token's rights in a few words. */
export function rightsInShort(token: Pick<TokenView, 'scopes' | 'maxTradeUsdt'>): string {
  const reads = token.scopes.filter((scope) => READ_SCOPES.includes(scope)).length;
  const seen =
    reads === READ_SCOPES.length
      ? 'Reads everything'
      : reads === 0
        ? 'Reads nothing'
        : `Reads ${reads} of ${READ_SCOPES.length} areas`;
  if (!canTrade(token)) return seen;
  return `${seen}, trades ${token.maxTradeUsdt === null ? 'without a cap' : `up to ${token.maxTradeUsdt} USDT each`}`;
}
