import { Inject, Injectable } from '@nestjs/common';
import type { PrincipalKind, WritePolicy } from '../auth/principal.js';
import { CONFIG, type Config } from '../config/config.js';
import { sqlState } from '../database/database-errors.js';
import { Pipeline } from '../database/pipeline.js';
import { Prisma } from '../generated/prisma/client.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { type CommitRequest, NotSpendable, OPENING_CHECKS, type OpeningFacts } from './commit-checks.js';
import { CREDENTIAL_LOCKS, type CredentialLock, ledgerCredentialId } from './credential-lock.js';
import { openingStatement, TURN } from './opening-statement.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';

/** A commit that is in the ledger: from now on it will end in exactly one way. */
export interface OpenedCommit {
  readonly id: string;
  readonly createdAt: Date;
  /** `performance.now()` and `Date.now()` after which it must not be sent any more. */
  readonly sendUntil: { readonly monotonic: number; readonly wall: number };
}

/** What the transaction found, and did. */
interface OpenRow {
  readonly frozen_at: Date | null;
  readonly live: boolean | null;
  readonly scopes: string[] | null;
  readonly max_trade_usdt: number | null;
  readonly write_policy: WritePolicy | null;
  readonly spendable: boolean;
  readonly permitted: boolean;
  readonly commits_this_hour: number;
  readonly oldest_ends_s: number | null;
  readonly open_commit_id: string | null;
  /** The row that was written; null: nothing was. */
  readonly id: string | null;
  readonly created_at: Date | null;
  readonly send_ms: number | null;
}

/** A connection that is cut off in the middle must not hold up freezing and revoking for longer than this. */
const IDLE_IN_TRANSACTION_MS = '5000';
const UNIQUE_VIOLATION = '23505';

/**
 * The first transaction of a commit, in one round trip. Its locks order it against freezing and revoking, its own commit is
 * the cut-off. It writes nothing unless all holds: spending, row and intent, or none of them.
 */
@Injectable()
export class CommitOpening {
  private readonly locks: ReadonlyMap<PrincipalKind, CredentialLock>;

  constructor(
    @Inject(Pipeline) private readonly pipeline: Pick<Pipeline, 'transaction'>,
    @Inject(CREDENTIAL_LOCKS) locks: readonly CredentialLock[],
    @Inject(CONFIG) private readonly config: Pick<Config, 'commitsPerHour' | 'publicUrl'>,
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'error'>,
  ) {
    this.locks = new Map(locks.map((lock) => [lock.kind, lock]));
  }

  /** @throws AppError of the first check that fails; then nothing has changed */
  async open(request: CommitRequest): Promise<OpenedCommit> {
    const credential = this.credentialOf(request);
    // Before anything is sent to the database: what remains by its clock is at least what is counted from here.
    const before = { monotonic: performance.now(), wall: Date.now() };
    const [row] = await this.transaction([
      // There from the first preview on, but for who writes past previews; a row that is inserted is locked by its transaction.
      Prisma.sql`INSERT INTO user_controls (user_id) VALUES (${request.origin.principal.userId}) ON CONFLICT DO NOTHING`,
      lockStatement(request, credential),
      openingStatement(request, credential, { ...this.timing, commitsPerHour: this.config.commitsPerHour }),
    ]);
    if (row === undefined) throw new Error('the ledger answered nothing');
    this.check(row, request);
    const remaining = row.send_ms ?? 0;
    return {
      id: row.id!,
      createdAt: row.created_at!,
      sendUntil: { monotonic: before.monotonic + remaining, wall: before.wall + remaining },
    };
  }

  private async transaction(statements: readonly [Prisma.Sql, ...Prisma.Sql[]]): Promise<readonly OpenRow[]> {
    try {
      return await this.pipeline.transaction<OpenRow>(statements);
    } catch (error) {
      // Somebody else's row with the same token or key, past the user's turn: all is rolled back.
      if (sqlState(error) === UNIQUE_VIOLATION) throw new NotSpendable('in the ledger already', { cause: error });
      throw error;
    }
  }

  private credentialOf({ origin: { principal } }: CommitRequest): Prisma.Sql {
    const lock = this.locks.get(principal.kind);
    if (lock === undefined) throw new Error(`no lock for credentials of kind ${principal.kind}`);
    return lock.query(ledgerCredentialId(principal), principal.userId);
  }

  /** The same policy twice, in SQL and here: where the two do not agree nothing is sent, whichever of them is wrong. */
  private check(row: OpenRow, request: CommitRequest): void {
    const facts = this.facts(row);
    try {
      for (const check of OPENING_CHECKS) check(facts, request);
    } catch (refusal) {
      if (row.id === null) throw refusal;
      this.logger.error({ err: refusal, commit_id: row.id }, 'A commit was opened that must not be');
      throw new Error('the ledger opened what a check refuses', { cause: refusal });
    }
    if (row.id === null) throw new Error('the ledger refused what every check allows');
  }

  private facts(row: OpenRow): OpeningFacts {
    return {
      frozenAt: row.frozen_at,
      credential:
        row.live === true
          ? { scopes: row.scopes ?? [], maxTradeUsdt: row.max_trade_usdt, writePolicy: row.write_policy }
          : undefined,
      // Permitted, there to be spent when the statement began, and not spent: somebody was faster.
      spendable: row.id !== null || (row.spendable && !row.permitted),
      openCommitId: row.open_commit_id,
      commitsThisHour: row.commits_this_hour,
      hourEndsInS: row.oldest_ends_s ?? 0,
      commitsPerHour: this.config.commitsPerHour,
      settingsUrl: `${this.config.publicUrl}/settings/tokens`,
    };
  }
}

/**
 * The user's control row and the credential's row FOR SHARE, then the user's turn to open commits. A statement of its own:
 * what the next one sees is what was committed before the last of these locks was had. It leaves a mark in the transaction that
 * the next one wants to see: had BEGIN failed by itself, each statement would be its own transaction, and the locks gone.
 */
function lockStatement({ origin: { principal } }: CommitRequest, credential: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    WITH control AS MATERIALIZED (SELECT FROM user_controls WHERE user_id = ${principal.userId} FOR SHARE),
         credential AS MATERIALIZED (${credential})
    SELECT credential.live, set_config('idle_in_transaction_session_timeout', ${IDLE_IN_TRANSACTION_MS}, true),
           set_config(${TURN}, ${principal.userId}, true),
           pg_advisory_xact_lock(hashtextextended(${`commits:${principal.userId}`}, 0))
      FROM control LEFT JOIN credential ON true`;
}
