import { Prisma } from '../generated/prisma/client.js';
import type { CommitRequest } from './commit-checks.js';
import { ledgerCredentialId } from './credential-lock.js';
import { insertEvent, originOf } from './ledger-audit.js';

/** Setting of the transaction: whose turn to open commits it holds. */
export const TURN = 'tradecafe.commits_of';

interface OpeningLimits {
  readonly commitsPerHour: number;
  /** Milliseconds, see SafetyTiming. */
  readonly sendWindowMs: number;
  readonly settleMs: number;
}

/**
 * The statement that opens a commit, under locks that are held: reads all that counts, and spends what is to be spent and
 * writes row and intent if nothing is against it. One row, whatever it did: OpenRow. No two of one user run at a time (the
 * lock before it), so that what it finds unused cannot be used by another one meanwhile.
 * @param credential query of the credential's row, see CredentialLock
 */
export function openingStatement(request: CommitRequest, credential: Prisma.Sql, limits: OpeningLimits): Prisma.Sql {
  const { origin, operation, args, preview, spend, source } = request;
  const { principal } = origin;
  const clientKey = Prisma.sql`${request.clientKeyHash ?? null}::bytea`;
  const intent = { origin: originOf(origin), outcome: 'intent', durationMs: 0, upstreamMs: 0 } as const;
  const window = milliseconds(limits.sendWindowMs);
  return Prisma.sql`
    WITH control AS MATERIALIZED (SELECT frozen_at FROM user_controls WHERE user_id = ${principal.userId}),
         credential AS MATERIALIZED (${credential}),
         moment AS MATERIALIZED (SELECT clock_timestamp() AS at),
         hour AS MATERIALIZED (
           SELECT count(commits.id)::int AS spent,
                  extract(epoch FROM min(created_at) + interval '1 hour' - moment.at)::float8 AS oldest_ends_s
             FROM moment LEFT JOIN commits
               ON user_id = ${principal.userId} AND created_at > moment.at - interval '1 hour'
            GROUP BY moment.at),
         rival AS MATERIALIZED (
           SELECT id FROM commits
            WHERE user_id = ${principal.userId} AND tool = ${operation.tool} AND target_id = ${preview.facts.id}
              AND status IN ('pending', 'unknown') LIMIT 1),
         spendable AS MATERIALIZED (
           SELECT EXISTS (SELECT FROM ${spend.table} WHERE ${spend.condition})
              AND NOT EXISTS (SELECT FROM commits WHERE token_hash = ${spend.hash})
              AND NOT EXISTS (SELECT FROM commits WHERE idempotency_key = ${request.idempotencyKey})
              AND NOT EXISTS (SELECT FROM commits WHERE client_key_hash = ${clientKey}) AS yes),
         permitted AS MATERIALIZED (SELECT coalesce((${policy(request, limits)}), false) AS yes),
         spent AS (
           UPDATE ${spend.table} SET used_at = clock_timestamp()
            WHERE ${spend.condition} AND (SELECT spendable.yes AND permitted.yes FROM spendable, permitted)
           RETURNING ${spend.expiresAt} AS expires_at),
         opened AS (
           INSERT INTO commits (token_hash, client_key_hash, user_id, credential_kind, credential_id, credential_name,
               source, tool, target_id, arguments, preview, idempotency_key, created_at, send_before, due_at, request_id)
           SELECT ${spend.hash}, ${clientKey}, ${principal.userId}, ${principal.kind}, ${ledgerCredentialId(principal)},
               ${principal.credentialName}, ${source}, ${operation.tool}, ${preview.facts.id},
               ${JSON.stringify(args)}::jsonb, ${JSON.stringify(preview)}::jsonb, ${request.idempotencyKey}, moment.at,
               least(moment.at + ${window}, spent.expires_at),
               least(moment.at + ${window}, spent.expires_at) + ${milliseconds(limits.settleMs)},
               ${origin.requestId}
             FROM spent, moment
           RETURNING id, created_at, send_before),
         intent AS (${insertEvent(intent, Prisma.sql`opened`)})
    SELECT control.frozen_at, credential.live, credential.scopes, credential.max_trade_usdt, credential.write_policy,
           spendable.yes AS spendable, permitted.yes AS permitted,
           hour.spent AS commits_this_hour, hour.oldest_ends_s, rival.id AS open_commit_id,
           opened.id, opened.created_at,
           (extract(epoch FROM opened.send_before - clock_timestamp()) * 1000)::float8 AS send_ms
      FROM hour CROSS JOIN spendable CROSS JOIN permitted
        LEFT JOIN control ON true LEFT JOIN credential ON true LEFT JOIN rival ON true LEFT JOIN opened ON true`;
}

/** OPENING_CHECKS but for what is spent, as one condition, under the locks; null, and so no, where there is no row of the credential. */
function policy({ origin, operation, preview, confirmed }: CommitRequest, limits: OpeningLimits): Prisma.Sql {
  const { principal } = origin;
  const amount = Prisma.sql`${operation.capAmount(preview.facts) ?? null}::float8`;
  return Prisma.sql`
    SELECT current_setting(${TURN}, true) = ${principal.userId} AND credential.live
       AND 'write:trades' = ANY (credential.scopes) AND ${principal.scopes.has('write:trades')}::boolean
       AND control.frozen_at IS NULL
       AND (${confirmed}::boolean
            OR credential.write_policy = 'token_only' AND ${principal.writePolicy === 'token_only'}::boolean)
       AND (${amount} IS NULL OR credential.max_trade_usdt IS NULL OR ${amount} <= credential.max_trade_usdt)
       AND NOT (${operation.exclusive}::boolean AND EXISTS (SELECT FROM rival))
       AND hour.spent < ${limits.commitsPerHour}::int
      FROM control CROSS JOIN credential CROSS JOIN hour`;
}

function milliseconds(value: number): Prisma.Sql {
  return Prisma.sql`make_interval(secs => ${value / 1000}::float8)`;
}
