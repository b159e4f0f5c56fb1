import { isScope, READ_SCOPES, type Scope } from '../../auth/scopes.js';
import type { PersonalAccessToken } from '../../generated/prisma/client.js';

const LIST = new Intl.ListFormat('en');

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
  const maxTradeUsdt = row.maxTradeUsdt?.toFixed(row.maxTradeUsdt.isInteger() ? 0 : 2) ?? null;
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

/** A token's rights in a few words: `Reads account and positions`, `Reads everything, approves trades up to 250 USDT`. */
export function rightsInShort(token: Pick<TokenView, 'scopes' | 'maxTradeUsdt'>): string {
  const reads = READ_SCOPES.filter((scope) => token.scopes.includes(scope));
  const areas = reads.map((scope) => scope.slice('read:'.length));
  const parts = [
    ...(reads.length === 0 ? [] : [`reads ${reads.length === READ_SCOPES.length ? 'everything' : LIST.format(areas)}`]),
    ...(canTrade(token) ? [`approves trades ${cap(token.maxTradeUsdt)} and closes positions`] : []),
  ];
  const text = parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cap(maxTradeUsdt: string | null): string {
  return maxTradeUsdt === null ? 'of any size' : `up to ${maxTradeUsdt} USDT`;
}
