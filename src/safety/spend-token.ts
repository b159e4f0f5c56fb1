import { Prisma } from '../generated/prisma/client.js';
import { argumentsHash } from './action-token.js';
import { CREDENTIAL_ROTATED } from './action-token.store.js';
import type { CommitRequest, Spend } from './commit-checks.js';
import { ledgerCredentialId } from './credential-lock.js';

/** Every binding stands in the statement again: a token is spent for what it was made for, or not at all. */
export function spendToken(
  { operation, args, origin }: Pick<CommitRequest, 'operation' | 'args' | 'origin'>,
  hash: Uint8Array<ArrayBuffer>,
): Spend {
  const { userId, kind } = origin.principal;
  return {
    hash,
    table: Prisma.sql`action_tokens t`,
    condition: Prisma.sql`
      t.token_hash = ${hash} AND t.user_id = ${userId} AND t.credential_kind = ${kind}
        AND t.credential_id = ${ledgerCredentialId(origin.principal)} AND t.tool = ${operation.tool}
        AND t.arguments_hash = ${argumentsHash(args)}
        AND t.used_at IS NULL AND t.superseded_at IS NULL AND t.expires_at > clock_timestamp() AND NOT ${CREDENTIAL_ROTATED}`,
    expiresAt: Prisma.sql`t.expires_at`,
  };
}
