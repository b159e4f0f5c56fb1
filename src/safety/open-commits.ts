import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';
import { Prisma } from '../generated/prisma/client.js';
import { insertEvent, type LedgerEvent } from './ledger-audit.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
import type { WriteArguments, WritePreview } from './write-operation.js';

/** A commit whose end is not known, leased to this process. */
export interface OpenCommit {
  readonly id: string;
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

/** The ledger's rows that nobody has ended. All times are the database's. */
@Injectable()
export class OpenCommits {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
  ) {}

  /** Takes rows that are due and that no other instance has. */
  lease(): Promise<OpenCommit[]> {
    return this.prisma.$queryRaw<OpenCommit[]>`
      UPDATE commits SET attempts = attempts + 1,
             leased_until = clock_timestamp() + make_interval(secs => ${this.timing.leaseMs / 1000}::float8)
       WHERE id IN (SELECT id FROM commits
                     WHERE status IN ('pending', 'unknown') AND due_at <= clock_timestamp()
                       AND (leased_until IS NULL OR leased_until <= clock_timestamp())
                     ORDER BY due_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING id, user_id, credential_kind, credential_id, credential_name, tool, arguments, preview, created_at,
                request_id, attempts, created_at < clock_timestamp() - interval '1 day' AS stale`;
  }

  /** Ends a row and records it, unless somebody else did meanwhile. */
  async end({ id, attempts }: OpenCommit, { status, saw, result }: Verdict, event: LedgerEvent): Promise<boolean> {
    const rows = await this.prisma.$queryRaw<unknown[]>`
      WITH ended AS (
             UPDATE commits SET status = ${status}, observation = ${saw}, finished_at = clock_timestamp(),
                    leased_until = NULL, result = ${result === undefined ? null : JSON.stringify(result)}::jsonb
              WHERE id = ${id}::uuid AND attempts = ${attempts} AND status IN ('pending', 'unknown') RETURNING id),
           event AS (${insertEvent(event, Prisma.sql`ended`)})
      SELECT 1 AS ended FROM ended`;
    return rows.length === 1;
  }

  /** Gives a row back after a look that failed, for later. */
  async postpone({ id, attempts }: OpenCommit): Promise<void> {
    const seconds = Math.min(2 ** (attempts - 1), LAST_BACKOFF_S);
    await this.prisma.$executeRaw`
      UPDATE commits SET leased_until = NULL, due_at = clock_timestamp() + make_interval(secs => ${seconds}::float8)
       WHERE id = ${id}::uuid AND attempts = ${attempts} AND status IN ('pending', 'unknown')`;
  }

  /** Drops what has no use any more. The ledger itself stays. */
  async prune(): Promise<void> {
    await this.prisma.$executeRaw`DELETE FROM action_tokens WHERE expires_at < clock_timestamp() - interval '7 days'`;
    await this.prisma.$executeRaw`DELETE FROM trade_reads WHERE read_at < clock_timestamp() - interval '1 day'`;
  }
}
