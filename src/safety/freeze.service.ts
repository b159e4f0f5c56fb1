import { Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';
import { type CommitRow, type CommitView, commitView } from './commit-view.js';

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

  /** Stops writes. Frozen already: since then. */
  async freeze(userId: string): Promise<FreezeStatus> {
    const [row] = await this.prisma.$queryRaw<{ frozen_at: Date }[]>`
      INSERT INTO user_controls (user_id, frozen_at) VALUES (${userId}, clock_timestamp())
          ON CONFLICT (user_id) DO UPDATE
         SET frozen_at = coalesce(user_controls.frozen_at, clock_timestamp()), updated_at = clock_timestamp()
      RETURNING frozen_at`;
    // After the change is in force: what is not in this list cannot have been sent.
    return { frozen_at: row!.frozen_at.toISOString(), in_flight: await this.inFlight(userId) };
  }

  /** Allows writes again. */
  async resume(userId: string): Promise<FreezeStatus> {
    await this.prisma.$executeRaw`
      UPDATE user_controls SET frozen_at = NULL, updated_at = clock_timestamp()
       WHERE user_id = ${userId} AND frozen_at IS NOT NULL`;
    return { frozen_at: null, in_flight: await this.inFlight(userId) };
  }

  async status(userId: string): Promise<FreezeStatus> {
    const control = await this.prisma.userControl.findUnique({ where: { userId } });
    return { frozen_at: control?.frozenAt?.toISOString() ?? null, in_flight: await this.inFlight(userId) };
  }

  private async inFlight(userId: string): Promise<CommitView[]> {
    const rows = await this.prisma.$queryRaw<CommitRow[]>`
      SELECT id, tool, target_id, status, created_at, finished_at, upstream_status, upstream_message, result, observation
        FROM commits WHERE user_id = ${userId} AND status IN ('pending', 'unknown') ORDER BY created_at`;
    return rows.map(commitView);
  }
}
