import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';
import { Prisma } from '../generated/prisma/client.js';
import { insertEvent, type LedgerEvent } from './ledger-audit.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
import type { WriteArguments, WritePreview } from './write-operation.js';

/** A commit whose end is not known, or rests on one look alone, leased to this process. */
export interface OpenCommit {
  readonly id: string;
  readonly status: 'pending' | 'unknown' | 'not_applied';
  readonly user_id: string;
  readonly credential_kind: string;
  readonly credential_id: string;
  readonly credential_name: string | null;
  readonly tool: string;
  readonly arguments: WriteArguments;
  readonly preview: WritePreview;
  readonly created_at: Date;
  readonly request_id: string;
  /** How often it was leased: what a slower lease holder writes no longer counts. */
  readonly attempts: number;
  /** So old that no more looking will tell. */
  readonly stale: boolean;
}

/** What looking ended it with. */
export interface Verdict {
  readonly status: 'succeeded' | 'not_applied' | 'undetermined';
  readonly saw: string;
  readonly result?: Record<string, unknown>;
}

const BATCH = 8;
/** A look that failed is repeated after one second, then two, four, and eight from then on. */
const LAST_BACKOFF_S = 8;

/** pwa-be may take its time with a request that we gave up: what was seen as not applied is looked at again this often, */
const WATCH_EVERY = Prisma.sql`interval '20 seconds'`;
/** … for this long. */
const WATCH_FOR = Prisma.sql`interval '5 minutes'`;

/** Rows that looking may end, or correct: what pwa-be itself answered (no observation) is final. */
const LOOKABLE = Prisma.sql`(commits.status IN ('pending', 'unknown')
  OR (commits.status = 'not_applied' AND commits.observation IS NOT NULL))`;

/** The ledger's rows that nobody has ended for good. All times are the database's. */
@Injectable()
export class OpenCommits {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
  ) {}

  /** Takes rows that are due and that no other instance has. */
  lease(): Promise<OpenCommit[]> {
    const due = Prisma.sql`due_at <= clock_timestamp()
      AND (leased_until IS NULL OR leased_until <= clock_timestamp()) ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;
    return this.prisma.$queryRaw<OpenCommit[]>`
      WITH open AS (SELECT id FROM commits WHERE status IN ('pending', 'unknown') AND ${due}),
           watched AS (SELECT id FROM commits WHERE status = 'not_applied' AND observation IS NOT NULL AND ${due})
      UPDATE commits SET attempts = attempts + 1,
             leased_until = clock_timestamp() + make_interval(secs => ${this.timing.leaseMs / 1000}::float8)
       WHERE id IN (SELECT id FROM open UNION ALL SELECT id FROM watched)
      RETURNING id, status, user_id, credential_kind, credential_id, credential_name, tool, arguments, preview, created_at,
                request_id, attempts, created_at < clock_timestamp() - interval '1 day' AS stale`;
  }

  /**
   * Ends a row and records it, unless somebody else did meanwhile. A success that was only seen needs the effect for
   * itself: another commit for the same trade that succeeded, or is still open, explains it as well.
   */
  async end({ id, attempts }: OpenCommit, { status, saw, result }: Verdict, event: LedgerEvent): Promise<boolean> {
    const rows = await this.prisma.$queryRaw<unknown[]>`
      WITH ended AS (
             UPDATE commits SET status = ${status}, observation = ${saw}, finished_at = clock_timestamp(),
                    leased_until = NULL, result = ${result === undefined ? null : JSON.stringify(result)}::jsonb,
                    due_at = clock_timestamp() + ${WATCH_EVERY}
              WHERE id = ${id}::uuid AND attempts = ${attempts} AND ${LOOKABLE}
                AND NOT (${status} = 'succeeded' AND EXISTS (
                      SELECT 1 FROM commits rival
                       WHERE rival.user_id = commits.user_id AND rival.target_id = commits.target_id
                         AND rival.tool = commits.tool AND rival.id <> commits.id
                         AND rival.status IN ('pending', 'unknown', 'succeeded')))
             RETURNING id),
           event AS (${insertEvent(event, Prisma.sql`ended`)})
      SELECT 1 AS ended FROM ended`;
    return rows.length === 1;
  }

  /** Nothing new was seen of a row that counts as not applied: it is looked at again, until its time is over. */
  async watchOn({ id, attempts }: OpenCommit): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE commits SET leased_until = NULL,
             due_at = CASE WHEN created_at > clock_timestamp() - ${WATCH_FOR}
                           THEN clock_timestamp() + ${WATCH_EVERY} ELSE 'infinity' END
       WHERE id = ${id}::uuid AND attempts = ${attempts} AND ${LOOKABLE}`;
  }

  /** Gives a row back after a look that failed, for later. */
  async postpone({ id, attempts }: OpenCommit): Promise<void> {
    const seconds = Math.min(2 ** (attempts - 1), LAST_BACKOFF_S);
    await this.prisma.$executeRaw`
      UPDATE commits SET leased_until = NULL, due_at = clock_timestamp() + make_interval(secs => ${seconds}::float8)
       WHERE id = ${id}::uuid AND attempts = ${attempts} AND ${LOOKABLE}`;
  }

  /** Drops what has no use any more. The ledger itself stays. */
  async prune(): Promise<void> {
    await this.prisma.$executeRaw`DELETE FROM action_tokens WHERE expires_at < clock_timestamp() - interval '7 days'`;
    await this.prisma.$executeRaw`DELETE FROM trade_reads WHERE read_at < clock_timestamp() - interval '1 day'`;
  }
}
