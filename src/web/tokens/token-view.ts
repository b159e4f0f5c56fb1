import { isScope, READ_SCOPES, type Scope } from '../../auth/scopes.js';
import type { PersonalAccessToken } from '../../generated/prisma/client.js';

const LIST = new Intl.ListFormat('en');

/** What a credential may do. */
export interface Rights {
  readonly scopes: readonly Scope[];
  /** As a decimal number in USDT; null: no cap. */
  readonly maxTradeUsdt: string | null;
  /** Whether a person is asked through the client before each trade. */
  readonly asksEachTime: boolean;
}

/** What pages show of a token; nothing of it helps anybody to use it. */
export interface TokenView extends Rights {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
  readonly lastUsedClient: string | null;
  /** The token that it was made in place of. */
  readonly rotatedFromId: string | null;
  /** Another one was made in its place; it lives on for the rest of its grace. */
  readonly replaced: boolean;
}

/** The rights of a row. */
export function rightsOf({
  scopes,
  maxTradeUsdt,
  writePolicy,
}: Pick<PersonalAccessToken, 'scopes' | 'maxTradeUsdt' | 'writePolicy'>): Rights {
  return {
    scopes: scopes.filter(isScope),
    maxTradeUsdt: maxTradeUsdt?.toFixed(maxTradeUsdt.isInteger() ? 0 : 2) ?? null,
    asksEachTime: writePolicy === 'human_required',
  };
}

/** The shown part of a person's rows, in their order. */
export function tokenViews(rows: readonly PersonalAccessToken[]): TokenView[] {
  const replaced = new Set(rows.map(({ rotatedFromId }) => rotatedFromId));
  return rows.map((row) => tokenView(row, replaced.has(row.id)));
}

/** The shown part of a row. */
export function tokenView(row: PersonalAccessToken, replaced = false): TokenView {
  const { id, name, hint, createdAt, expiresAt, revokedAt, rotatedFromId } = row;
  const { lastUsedAt, lastUsedIp, lastUsedClient } = row;
  return {
    ...rightsOf(row),
    id,
    name,
    hint,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    lastUsedIp,
    lastUsedClient,
    rotatedFromId,
    replaced,
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
export function rightsInShort(token: Rights): string {
  const reads = READ_SCOPES.filter((scope) => token.scopes.includes(scope));
  const areas = reads.map((scope) => scope.slice('read:'.length));
  const parts = [
    ...(reads.length === 0 ? [] : [`reads ${reads.length === READ_SCOPES.length ? 'everything' : LIST.format(areas)}`]),
    ...(canTrade(token) ? [`approves trades ${cap(token.maxTradeUsdt)} and closes positions`] : []),
    ...(canTrade(token) && token.asksEachTime ? ['asks you each time'] : []),
  ];
  const text = parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cap(maxTradeUsdt: string | null): string {
  return maxTradeUsdt === null ? 'of any size' : `up to ${maxTradeUsdt} USDT`;
}
