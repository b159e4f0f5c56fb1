import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../database/prisma.service.js';
import { Prisma } from '../../generated/prisma/client.js';
import { ErasurePermits } from './erasure-permits.js';
import { ERASED_TEXT, personalDigest } from './row-leaf.js';
import { SEALED_ROW_JSON, sealedRowOfValues, type SealedRowValues } from './sealed-row.js';
import { Sealer } from './sealer.js';
import { SeqRanges } from './seq-ranges.js';

/** Rows of one permission, and of one statement. */
const PAGE = 1_000;

interface UserLeaf {
  readonly seq: bigint;
  readonly event_id: bigint;
}

/** Erases what is personal in a user's rows: the leaves still verify, nobody learns whose calls they were. */
@Injectable()
export class UserEraser {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sealer: Sealer,
    private readonly permits: ErasurePermits,
  ) {}

  /**
   * Each page is permitted by a sealed row first, like pruning.
   * @returns how many rows
   */
  async erase(userId: string): Promise<number> {
    let erased = 0;
    for (;;) {
      await this.sealer.sealAll();
      const leaves = await this.leavesOf(userId);
      if (leaves.length === 0) return erased;
      for (let from = 0; from < leaves.length; from += PAGE)
        erased += await this.erasePage(leaves.slice(from, from + PAGE));
    }
  }

  /** Listed once: asked for page by page, the rows that were erased before would be passed over again each time. */
  private leavesOf(userId: string): Promise<UserLeaf[]> {
    return this.prisma.$queryRaw<UserLeaf[]>`
      SELECT l.seq, l.event_id FROM audit_leaves AS l JOIN audit_events AS e ON e.id = l.event_id
      WHERE e.user_id = ${userId} AND e.personal_digest IS NULL ORDER BY l.seq`;
  }

  private async erasePage(leaves: readonly UserLeaf[]): Promise<number> {
    const ranges = new SeqRanges();
    for (const { seq } of leaves) ranges.add(Number(seq));
    await this.permits.permit('erase', ranges);
    const rows = await this.prisma.$queryRaw<{ row: SealedRowValues }[]>`
      SELECT ${Prisma.raw(SEALED_ROW_JSON)} AS row FROM audit_events AS e
      WHERE e.id IN (${Prisma.join(leaves.map(({ event_id: id }) => id))}) AND e.personal_digest IS NULL`;
    const values = rows.map(({ row }) => {
      const whole = sealedRowOfValues(row);
      return { id: whole.id, digest: personalDigest(whole) };
    });
    // The digest is the same whether somebody truncated the address meanwhile or not.
    return this.prisma.$executeRaw`
      UPDATE audit_events AS e SET user_id = ${ERASED_TEXT}, credential_id = ${ERASED_TEXT}, credential_name = NULL,
        client_id = NULL, client_name = NULL, arguments = '{}', address = NULL, salt = NULL, address_salt = NULL,
        address_digest = NULL, personal_digest = decode(v.digest, 'hex')
      FROM json_to_recordset(${JSON.stringify(values)}::json) AS v(id bigint, digest text)
      WHERE e.id = v.id AND e.personal_digest IS NULL`;
  }
}
