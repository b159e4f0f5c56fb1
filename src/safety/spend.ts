import type { Principal } from '../auth/principal.js';
import { Prisma } from '../generated/prisma/client.js';
import { argumentsHash } from './action-token.js';
import { CREDENTIAL_ROTATED } from './action-token.store.js';
import { ledgerCredentialId } from './credential-lock.js';
import type { WriteArguments } from './write-operation.js';

/** What a commit uses up, once, and how the statement that opens it finds that. */
export interface Spend {
  /** Unique in the ledger. */
  readonly hash: Uint8Array<ArrayBuffer>;
  /** The table that it is a row of, under the name `t`; its `used_at` says that it is used up. */
  readonly table: Prisma.Sql;
  /** Whether the row `t` is the one, and is there to be used. */
  readonly condition: Prisma.Sql;
  /** Until when what it is used for may be sent, of type timestamptz; null: it sets no limit. */
  readonly expiresAt: Prisma.Sql;
}

/** What a token was made for. */
interface TokenUse {
  readonly principal: Principal;
  readonly tool: string;
  readonly args: WriteArguments;
}

/** Every binding stands in the statement again: a token is spent for what it was made for, or not at all. */
export function spendToken(hash: Uint8Array<ArrayBuffer>, { principal, tool, args }: TokenUse): Spend {
  const { userId, kind } = principal;
  return {
    hash,
    table: Prisma.sql`action_tokens t`,
    condition: Prisma.sql`
      t.token_hash = ${hash} AND t.user_id = ${userId} AND t.credential_kind = ${kind}
        AND t.credential_id = ${ledgerCredentialId(principal)} AND t.tool = ${tool}
        AND t.arguments_hash = ${argumentsHash(args)}
        AND t.used_at IS NULL AND t.superseded_at IS NULL AND t.expires_at > clock_timestamp() AND NOT ${CREDENTIAL_ROTATED}`,
    expiresAt: Prisma.sql`t.expires_at`,
  };
}

/**
 * Nothing else stands for a read in the ledger: it is spent under the client's key.
 * @param tradeId pwa-be's own id
 */
export function spendRead(keyHash: Uint8Array<ArrayBuffer>, principal: Principal, tradeId: string): Spend {
  return {
    hash: keyHash,
    table: Prisma.sql`trade_reads t`,
    condition: Prisma.sql`
      t.credential_id = ${ledgerCredentialId(principal)} AND t.trade_id = ${tradeId}
        AND t.used_at IS NULL AND t.read_at > clock_timestamp() - interval '5 minutes'`,
    expiresAt: Prisma.sql`NULL::timestamptz`,
  };
}
