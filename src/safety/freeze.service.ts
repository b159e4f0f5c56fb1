import { Injectable } from '@nestjs/common';
import { type AuditOrigin, recordAction } from '../audit/account-action.js';
import { PrismaService } from '../database/prisma.service.js';
import { COMMIT_COLUMNS, type CommitRow, type CommitView, commitView } from './commit-view.js';

/** Whether writes are stopped, and what was under way when that was answered. */
export interface FreezeStatus {
  /** ISO 8601; null: writes are allowed. */
  readonly frozen_at: string | null;
  /** Commits that were sent, or may still be within seconds: no freeze can take those back. */
  readonly in_flight: readonly CommitView[];
}

/**
 * The one switch that stops all writes of a user's apps and tokens, on every instance at once: commits hold the row that
 * it changes, so that each is either before the change, and listed in the answer, or after it, and refused.
 */
@Injectable()
export class FreezeService {
  constructor(private readonly prisma: PrismaService) {}

  /** Stops writes of whoever asks for it. Frozen already: since then. */
  async freeze(by: AuditOrigin): Promise<FreezeStatus> {
    const { userId } = by.actor;
    await this.prisma.$transaction(async (transaction) => {
      const stopped = await transaction.$executeRaw`
        INSERT INTO user_controls (user_id, frozen_at) VALUES (${userId}, clock_timestamp())
            ON CONFLICT (user_id) DO UPDATE SET frozen_at = clock_timestamp(), updated_at = clock_timestamp()
         WHERE user_controls.frozen_at IS NULL`;
      if (stopped > 0) await recordAction(transaction, by, 'writes.stop');
    });
    // After the change is in force: what is not in this list cannot have been sent.
    return this.status(userId);
  }

  /** Allows writes again. */
  async resume(by: AuditOrigin): Promise<FreezeStatus> {
    const { userId } = by.actor;
    await this.prisma.$transaction(async (transaction) => {
      const resumed = await transaction.$executeRaw`
        UPDATE user_controls SET frozen_at = NULL, updated_at = clock_timestamp()
         WHERE user_id = ${userId} AND frozen_at IS NOT NULL`;
      if (resumed > 0) await recordAction(transaction, by, 'writes.resume');
    });
    return { frozen_at: null, in_flight: await this.inFlight(userId) };
  }

  async status(userId: string): Promise<FreezeStatus> {
    const control = await this.prisma.userControl.findUnique({ where: { userId } });
    return { frozen_at: control?.frozenAt?.toISOString() ?? null, in_flight: await this.inFlight(userId) };
  }

  private async inFlight(userId: string): Promise<CommitView[]> {
    const rows = await this.prisma.$queryRaw<CommitRow[]>`
      SELECT ${COMMIT_COLUMNS}
        FROM commits WHERE user_id = ${userId} AND status IN ('pending', 'unknown') ORDER BY created_at`;
    return rows.map(commitView);
  }
}
