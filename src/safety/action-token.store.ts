import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/principal.js';
import { PrismaService } from '../database/prisma.service.js';
import { Prisma } from '../generated/prisma/client.js';
import { argumentsHash, newActionToken, sha256 } from './action-token.js';
import type { CommitRow } from './commit-view.js';
import { ledgerCredentialId } from './credential-lock.js';
import type { WriteArguments, WritePreview } from './write-operation.js';

/** What a token is bound to. */
export interface TokenBinding {
  readonly principal: Principal;
  readonly tool: string;
  readonly args: WriteArguments;
  readonly preview: WritePreview;
}

/** A token as it stands now, by the database's clock. */
export interface StoredToken {
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly tool: string;
  readonly argumentsHash: Uint8Array;
  readonly preview: WritePreview;
  readonly expiresAt: Date;
  readonly expired: boolean;
  readonly used: boolean;
  readonly superseded: boolean;
  /** Of the user, not of the token: read in the same breath. */
  readonly frozenAt: Date | null;
  /** What it was spent for; null while it is not used. */
  readonly commit: CommitRow | null;
  readonly databaseNow: Date;
}

type FoundRow = {
  tool: string;
  arguments_hash: Uint8Array;
  preview: WritePreview;
  expires_at: Date;
  expired: boolean;
  used: boolean;
  superseded: boolean;
  frozen_at: Date | null;
  database_now: Date;
} & { [Field in keyof CommitRow as `commit_${Field}`]: CommitRow[Field] | null };

const LIFETIME = Prisma.sql`interval '5 minutes'`;

/**
 * Whether the token `t` was issued to a personal access token that was rotated since. The old one may live on for its
 * grace, but what it had previewed is not to be committed any more: make a new preview. User and time find the few rows
 * by their index.
 */
export const CREDENTIAL_ROTATED = Prisma.sql`EXISTS (
  SELECT 1 FROM personal_access_tokens successor
   WHERE successor.user_id = t.user_id AND successor.created_at >= t.created_at
     AND t.credential_kind = 'pat' AND successor.rotated_from_id::text = t.credential_id)`;

/** The action tokens in the database. Every time is the database's. */
@Injectable()
export class ActionTokenStore {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Stores a new token for a preview.
   * @param replaced the hash of the token that it supersedes
   * @returns the token; undefined when `replaced` was spent or superseded meanwhile: then nothing was stored
   */
  async issue({ principal, tool, args, preview }: TokenBinding, replaced?: Uint8Array): Promise<string | undefined> {
    const token = newActionToken();
    const { userId, kind } = principal;
    const source =
      replaced === undefined
        ? Prisma.sql`SELECT 1`
        : Prisma.sql`UPDATE action_tokens SET superseded_at = clock_timestamp()
            WHERE token_hash = ${replaced} AND used_at IS NULL AND superseded_at IS NULL RETURNING 1`;
    const inserted = await this.prisma.$executeRaw`
      WITH control AS (INSERT INTO user_controls (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING),
           source AS (${source})
      INSERT INTO action_tokens (token_hash, user_id, credential_kind, credential_id, tool, arguments_hash, preview,
          created_at, expires_at)
      SELECT ${sha256(token)}, ${userId}, ${kind}, ${ledgerCredentialId(principal)}, ${tool}, ${argumentsHash(args)},
          ${JSON.stringify(preview)}::jsonb, clock_timestamp(), clock_timestamp() + ${LIFETIME}
        FROM source`;
    return inserted === 1 ? token : undefined;
  }

  /** The token with this hash; undefined also when it is another user's or credential's: nobody learns that it exists. */
  async find(hash: Uint8Array<ArrayBuffer>, principal: Principal): Promise<StoredToken | undefined> {
    const [row] = await this.prisma.$queryRaw<FoundRow[]>`
      SELECT t.tool, t.arguments_hash, t.preview, t.expires_at, t.expires_at <= clock_timestamp() AS expired,
             t.used_at IS NOT NULL AS used, t.superseded_at IS NOT NULL OR ${CREDENTIAL_ROTATED} AS superseded,
             u.frozen_at,
             clock_timestamp() AS database_now, c.id AS commit_id, c.tool AS commit_tool,
             c.target_id AS commit_target_id, c.status AS commit_status,
             c.status = 'pending' AND c.due_at > clock_timestamp() AS commit_running,
             c.created_at AS commit_created_at, c.finished_at AS commit_finished_at, c.upstream_status AS commit_upstream_status,
             c.upstream_message AS commit_upstream_message, c.result AS commit_result,
             c.observation AS commit_observation
        FROM action_tokens t
        LEFT JOIN user_controls u USING (user_id)
        LEFT JOIN commits c ON c.token_hash = t.token_hash
       WHERE t.token_hash = ${hash} AND t.user_id = ${principal.userId} AND t.credential_kind = ${principal.kind}
         AND t.credential_id = ${ledgerCredentialId(principal)}`;
    return row === undefined ? undefined : stored(hash, row);
  }
}

function stored(hash: Uint8Array<ArrayBuffer>, row: FoundRow): StoredToken {
  return {
    hash,
    tool: row.tool,
    argumentsHash: row.arguments_hash,
    preview: row.preview,
    expiresAt: row.expires_at,
    expired: row.expired,
    used: row.used,
    superseded: row.superseded,
    frozenAt: row.frozen_at,
    commit: row.commit_id === null ? null : commitOf(row),
    databaseNow: row.database_now,
  };
}

function commitOf(row: FoundRow): CommitRow {
  const members = Object.entries(row)
    .filter(([name]) => name.startsWith('commit_'))
    .map(([name, value]) => [name.slice('commit_'.length), value]);
  return Object.fromEntries(members) as CommitRow;
}
