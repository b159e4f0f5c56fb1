import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database-errors.js';
import { PrismaService } from '../database/prisma.service.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { type AuditEntry, type AuditRow, toAuditRow } from './audit-row.js';
import { copyAuditRows } from './copy-audit-rows.js';
import { GroupCommit } from './group-commit.js';
import { insertAuditRows } from './insert-audit-rows.js';

/** Rows that wait in memory while the database is slow or away: some 10 MB. */
const CAPACITY = 10_000;
/** Half a megabyte a statement. */
const BATCH_SIZE = 1_000;
/** What a kill -9 can cost: this, and the insert that is under way. */
const LINGER_MS = 15;
const PATIENCE_MS = 1_000;
const DRAIN_MS = 5_000;

/** Writes the audit log: one row for every call that reached a principal, denials too. */
@Injectable()
export class AuditService implements OnApplicationShutdown {
  private readonly rows: GroupCommit<AuditRow>;

  constructor(prisma: PrismaService, @Inject(LOGGER) logger: Logger) {
    this.rows = new GroupCommit({
      write: (batch, again) => (again ? insertAuditRows(prisma, batch, again) : copyAuditRows(prisma.pool, batch)),
      isAway: isDatabaseUnavailable,
      onRetry: (error, waiting) => logger.warn({ err: error, waiting }, 'Audit rows wait for the database'),
      onLost: (row, error) =>
        logger.error({ err: error, row }, 'An audit row could not be stored; this line is all there is of it'),
      capacity: CAPACITY,
      batchSize: BATCH_SIZE,
      lingerMs: LINGER_MS,
      patienceMs: PATIENCE_MS,
    });
  }

  /**
   * Records a call, redacted, with the time of now.
   * @returns nothing when the row was taken in, else a promise for when it is: wait for it before you answer
   * @throws AppError `overloaded` (by the promise) when the log cannot keep up
   */
  record(entry: AuditEntry): void | Promise<void> {
    return this.rows.add(toAuditRow(entry, new Date()));
  }

  /** Writes all rows that still wait. */
  async drain(): Promise<void> {
    await this.rows.drain(DRAIN_MS);
  }

  /** Nest closes the listener before this hook, and runs it before the one of the database module, which lies deeper. */
  async onApplicationShutdown(): Promise<void> {
    await this.drain();
  }
}
