import { Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';
import { Prisma } from '../generated/prisma/client.js';
import type { CommitStatus } from './commit-view.js';
import { insertEvent, type LedgerEvent } from './ledger-audit.js';

/** How a commit ended, or did not: `unknown` leaves it to whoever looks later. */
export interface Ending {
  readonly status: Exclude<CommitStatus, 'pending' | 'undetermined'>;
  readonly result?: Record<string, unknown>;
  readonly upstreamStatus?: number;
  readonly upstreamMessage?: string;
}

/** The last transaction of a commit: its end and the audit row of it, in one statement. */
@Injectable()
export class CommitClosing {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Writes down what is known. What pwa-be itself answered outranks what somebody saw from outside meanwhile: the
   * process may have been stopped for so long that the row was given up.
   * @returns false when the row has an end already that this must not replace
   */
  async close(id: string, ending: Ending, event: LedgerEvent): Promise<boolean> {
    const { status, result, upstreamStatus, upstreamMessage } = ending;
    const replaceable =
      status === 'unknown'
        ? Prisma.sql`status = 'pending'`
        : Prisma.sql`(finished_at IS NULL OR observation IS NOT NULL)`;
    const rows = await this.prisma.$queryRaw<unknown[]>`
      WITH closed AS (
             UPDATE commits SET status = ${status}, observation = NULL,
                 finished_at = CASE WHEN ${status} = 'unknown' THEN NULL ELSE clock_timestamp() END,
                 result = ${result === undefined ? null : JSON.stringify(result)}::jsonb,
                 upstream_status = ${upstreamStatus ?? null}::int, upstream_message = ${upstreamMessage ?? null}::text
              WHERE id = ${id}::uuid AND ${replaceable} RETURNING id),
           event AS (${insertEvent(event, Prisma.sql`closed`)})
      SELECT 1 AS closed FROM closed`;
    return rows.length === 1;
  }
}
