import { Inject, Injectable } from '@nestjs/common';
import type { PrincipalKind, WritePolicy } from '../auth/principal.js';
import { CONFIG, type Config } from '../config/config.js';
import { PrismaService } from '../database/prisma.service.js';
import { Prisma } from '../generated/prisma/client.js';
import { type CommitRequest, OPENING_CHECKS, type OpeningFacts } from './commit-checks.js';
import { CREDENTIAL_LOCKS, type CredentialLock, ledgerCredentialId } from './credential-lock.js';
import { insertEvent, originOf } from './ledger-audit.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';

/** A commit that is in the ledger: from now on it will end in exactly one way. */
export interface OpenedCommit {
  readonly id: string;
  readonly createdAt: Date;
  /** `performance.now()` and `Date.now()` after which it must not be sent any more. */
  readonly sendUntil: { readonly monotonic: number; readonly wall: number };
}

interface LockRow {
  frozen_at: Date | null;
  live: boolean | null;
  scopes: string[] | null;
  max_trade_usdt: number | null;
  write_policy: WritePolicy | null;
}

interface OpenRow {
  id: string | null;
  created_at: Date | null;
  send_ms: number | null;
  spent: number;
  oldest_ends_s: number | null;
  open_commit_id: string | null;
}

/** A session that stopped in the middle must not hold up freezing and revoking for longer than this. */
const IDLE_IN_TRANSACTION_MS = '5000';

/**
 * The first transaction of a commit. Its locks order it against freezing and revoking, its own commit is the cut-off:
 * a refusal rolls back everything, the spending of the token and the audit row of the intent included.
 */
@Injectable()
export class CommitOpening {
  private readonly locks: ReadonlyMap<PrincipalKind, CredentialLock>;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(CREDENTIAL_LOCKS) locks: readonly CredentialLock[],
    @Inject(CONFIG) private readonly config: Pick<Config, 'commitsPerHour' | 'publicUrl'>,
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
  ) {
    this.locks = new Map(locks.map((lock) => [lock.kind, lock]));
  }

  /** @throws AppError of the first check that fails; then nothing has changed */
  async open(request: CommitRequest): Promise<OpenedCommit> {
    return this.prisma.$transaction(async (transaction) => {
      const lock = await this.lock(transaction, request);
      // Before the statement that reads the database's clock: what remains is at least what is counted from here.
      const before = { monotonic: performance.now(), wall: Date.now() };
      const row = await this.write(transaction, request);
      const facts = this.facts(lock, row);
      for (const check of OPENING_CHECKS) check(facts, request);
      const remaining = row.send_ms ?? 0;
      return {
        id: row.id!,
        createdAt: row.created_at!,
        sendUntil: { monotonic: before.monotonic + remaining, wall: before.wall + remaining },
      };
    });
  }

  /** The user's control row and the credential's row FOR SHARE, then the user's turn to count commits. */
  private async lock(transaction: Prisma.TransactionClient, { origin }: CommitRequest): Promise<LockRow> {
    const { principal } = origin;
    const lock = this.locks.get(principal.kind);
    if (lock === undefined) throw new Error(`no lock for credentials of kind ${principal.kind}`);
    const statement = Prisma.sql`
      WITH control AS MATERIALIZED (SELECT frozen_at FROM user_controls WHERE user_id = ${principal.userId} FOR SHARE),
           credential AS MATERIALIZED (${lock.query(ledgerCredentialId(principal), principal.userId)})
      SELECT control.frozen_at, credential.live, credential.scopes, credential.max_trade_usdt, credential.write_policy,
             set_config('idle_in_transaction_session_timeout', ${IDLE_IN_TRANSACTION_MS}, true) AS bounded,
             pg_advisory_xact_lock(hashtextextended(${`commits:${principal.userId}`}, 0))::text AS turn
        FROM control LEFT JOIN credential ON true`;
    const [row] = await transaction.$queryRaw<LockRow[]>(statement);
    if (row !== undefined) return row;
    // The first write of this user: a row that is inserted is locked by its own transaction.
    await transaction.$executeRaw`
      INSERT INTO user_controls (user_id) VALUES (${principal.userId}) ON CONFLICT DO NOTHING`;
    const [second] = await transaction.$queryRaw<LockRow[]>(statement);
    if (second === undefined) throw new Error('the control row of a user vanished');
    return second;
  }

  /**
   * Spends what is to be spent and writes row and intent, all or none; counts what the hour has seen before. A token or a
   * client's key that has its row already is a conflict: then nothing is opened, and the whole is rolled back.
   */
  private async write(transaction: Prisma.TransactionClient, request: CommitRequest): Promise<OpenRow> {
    const { origin, operation, args, preview, spend, source } = request;
    const { principal } = origin;
    const window = milliseconds(this.timing.sendWindowMs);
    const intent = { origin: originOf(origin), outcome: 'intent', durationMs: 0, upstreamMs: 0 } as const;
    const [row] = await transaction.$queryRaw<OpenRow[]>`
      WITH spent AS (${spend.statement}),
           moment AS MATERIALIZED (SELECT clock_timestamp() AS at),
           hour AS (SELECT count(commits.id)::int AS spent, extract(epoch FROM min(created_at) + interval '1 hour' - moment.at)::float8
                      AS oldest_ends_s
                 FROM moment LEFT JOIN commits
                   ON user_id = ${principal.userId} AND created_at > moment.at - interval '1 hour'
                GROUP BY moment.at),
           rival AS (SELECT id FROM commits
                      WHERE user_id = ${principal.userId} AND tool = ${operation.tool} AND target_id = ${preview.facts.id}
                        AND status IN ('pending', 'unknown') LIMIT 1),
           opened AS (
             INSERT INTO commits (token_hash, client_key_hash, user_id, credential_kind, credential_id, credential_name,
                 source, tool, target_id, arguments, preview, idempotency_key, created_at, send_before, due_at, request_id)
             SELECT ${spend.hash}, ${request.clientKeyHash ?? null}::bytea, ${principal.userId}, ${principal.kind}, ${ledgerCredentialId(principal)},
                 ${principal.credentialName}, ${source}, ${operation.tool}, ${preview.facts.id},
                 ${JSON.stringify(args)}::jsonb, ${JSON.stringify(preview)}::jsonb, ${request.idempotencyKey}, moment.at,
                 least(moment.at + ${window}, spent.expires_at),
                 least(moment.at + ${window}, spent.expires_at) + ${milliseconds(this.timing.settleMs)},
                 ${origin.requestId}
               FROM spent, moment
                 ON CONFLICT DO NOTHING
             RETURNING id, created_at, send_before),
           intent AS (${insertEvent(intent, Prisma.sql`opened`)})
      SELECT opened.id, opened.created_at,
             (extract(epoch FROM opened.send_before - clock_timestamp()) * 1000)::float8 AS send_ms,
             hour.spent, hour.oldest_ends_s, rival.id AS open_commit_id
        FROM hour LEFT JOIN opened ON true LEFT JOIN rival ON true`;
    if (row === undefined) throw new Error('the ledger answered nothing');
    return row;
  }

  private facts(lock: LockRow, row: OpenRow): OpeningFacts {
    return {
      frozenAt: lock.frozen_at,
      credential:
        lock.live === true
          ? { scopes: lock.scopes ?? [], maxTradeUsdt: lock.max_trade_usdt, writePolicy: lock.write_policy }
          : undefined,
      opened: row.id !== null,
      openCommitId: row.open_commit_id,
      commitsThisHour: row.spent,
      hourEndsInS: row.oldest_ends_s ?? 0,
      commitsPerHour: this.config.commitsPerHour,
      settingsUrl: `${this.config.publicUrl}/settings/tokens`,
    };
  }
}

function milliseconds(value: number): Prisma.Sql {
  return Prisma.sql`make_interval(secs => ${value / 1000}::float8)`;
}
