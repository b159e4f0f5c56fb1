import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../database/prisma.service.js';
import { Prisma } from '../../generated/prisma/client.js';
import { leafOf, stateOf } from './row-leaf.js';
import { SEALED_ROW_JSON, sealedRowOfValues, type SealedRowValues } from './sealed-row.js';

/** Whether rows still are what was sealed. */
export interface RowCheck {
  /** Rows that make the very leaf they were sealed as. */
  readonly good: number;
  /** Written within the last second or so: no leaf yet. */
  readonly waiting: number;
  /** Ids of rows that were changed after they were sealed. */
  readonly altered: readonly string[];
}

/**
 * Compares a few rows with their leaves. Cheap enough for a page; whether the leaves are those of the signed tree is for
 * the offline verification to say, which reads the whole log.
 */
@Injectable()
export class RowChecker {
  constructor(private readonly prisma: PrismaService) {}

  /** @param ids of audit events */
  async check(ids: readonly string[]): Promise<RowCheck> {
    if (ids.length === 0) return { good: 0, waiting: 0, altered: [] };
    const rows = await this.prisma.$queryRaw<{ row: SealedRowValues; leaf: string | null }[]>`
      SELECT ${Prisma.raw(SEALED_ROW_JSON)} AS row, encode(l.leaf, 'hex') AS leaf
        FROM audit_events AS e LEFT JOIN audit_leaves AS l ON l.event_id = e.id
       WHERE e.id IN (${Prisma.join(ids.map(BigInt))})`;
    const found = rows.map(({ row, leaf }) => ({ row: sealedRowOfValues(row), leaf }));
    const sealed = found.filter(({ leaf }) => leaf !== null);
    const altered = sealed.filter(({ row, leaf }) => stateOf(row) === 'broken' || leafOf(row) !== leaf);
    return {
      good: sealed.length - altered.length,
      waiting: rows.length - sealed.length,
      altered: altered.map(({ row }) => String(row.id)),
    };
  }
}
