import { PrismaService } from '../../database/prisma.service.js';
import { Prisma } from '../../generated/prisma/client.js';
import { type ErasureKind, OPERATOR, signErasure } from './erasure.js';
import { networkOf } from './network.js';
import { addressDigest, ERASED_TEXT, personalDigest } from './row-leaf.js';
import { SEALED_ROW_JSON, type SealedRow, sealedRowOfValues, type SealedRowValues } from './sealed-row.js';
import type { Sealer } from './sealer.js';
import { SeqRanges } from './seq-ranges.js';
import type { SigningKey } from './signing-key.js';
import { setTimeout as delay } from 'node:timers/promises';

/** Addresses are truncated to their networks after so many days. */
const ADDRESS_DAYS = 30;
const PAGE = 1_000;
const SEALED_WITHIN_MS = 30_000;

/** All but the rows that permit erasures: others are verified by them. */
const REMOVABLE = Prisma.sql`NOT (e.credential_kind = ${OPERATOR} AND starts_with(e.operation, 'audit.'))`;

interface LeafRow {
  readonly seq: number;
  readonly row: SealedRow;
}

/** How many rows each of them concerned. */
export interface PruneReport {
  readonly truncated: number;
  readonly removed: number;
}

/**
 * Forgets what must not be kept. Each time a row that says which leaves it is about, signed, is sealed first; only then
 * the rows are touched. So the log tells an erasure from an edit, and a crash in between leaves rows that may still be
 * erased, never rows that were erased without permission.
 */
export class Pruner {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sealer: Pick<Sealer, 'sealAll'>,
    private readonly key: SigningKey,
  ) {}

  /** Truncates addresses after 30 days and removes rows after the given days, by the time of their checkpoints. */
  async prune(retentionDays: number): Promise<PruneReport> {
    const removed = await this.remove(await this.leavesOlderThan(retentionDays));
    const truncated = await this.truncate(await this.leavesOlderThan(ADDRESS_DAYS));
    return { truncated, removed };
  }

  /** Erases what is personal in all rows of a user. @returns how many */
  async erase(userId: string): Promise<number> {
    await this.sealer.sealAll();
    let erased = 0;
    for (;;) {
      const page = await this.page(Prisma.sql`e.user_id = ${userId} AND e.personal_digest IS NULL`);
      if (page.length === 0) return erased;
      await this.permit('erase', rangesOf(page));
      await this.eraseRows(page);
      erased += page.length;
    }
  }

  private async remove(leaves: number): Promise<number> {
    const from = await this.firstSeq(leaves, REMOVABLE);
    if (from === undefined) return 0;
    await this.permit('remove', upTo(leaves));
    let removed = 0;
    for (;;) {
      const count = await this.prisma.$executeRaw`
        DELETE FROM audit_events WHERE id IN (
          SELECT e.id FROM audit_leaves AS l JOIN audit_events AS e ON e.id = l.event_id
          WHERE l.seq < ${leaves} AND l.seq >= ${from} AND ${REMOVABLE} LIMIT ${PAGE})`;
      removed += count;
      if (count < PAGE) return removed;
    }
  }

  private async truncate(leaves: number): Promise<number> {
    const due = Prisma.sql`e.address IS NOT NULL AND e.address_digest IS NULL AND e.personal_digest IS NULL`;
    if ((await this.firstSeq(leaves, due)) === undefined) return 0;
    await this.permit('truncate', upTo(leaves));
    let truncated = 0;
    for (;;) {
      const page = await this.page(Prisma.sql`l.seq < ${leaves} AND ${due}`);
      if (page.length === 0) return truncated;
      const values = page.map(({ row }) => ({
        id: row.id,
        address: networkOf(row.address),
        digest: addressDigest(row),
      }));
      await this.prisma.$executeRaw`
        UPDATE audit_events AS e SET address = v.address, address_salt = NULL, address_digest = decode(v.digest, 'hex')
        FROM json_to_recordset(${JSON.stringify(values)}::json) AS v(id bigint, address text, digest text)
        WHERE e.id = v.id`;
      truncated += page.length;
    }
  }

  private async eraseRows(page: readonly LeafRow[]): Promise<void> {
    const values = page.map(({ row }) => ({ id: row.id, digest: personalDigest(row) }));
    await this.prisma.$executeRaw`
      UPDATE audit_events AS e SET user_id = ${ERASED_TEXT}, credential_id = ${ERASED_TEXT}, credential_name = NULL,
        client_id = NULL, client_name = NULL, arguments = '{}', address = NULL, salt = NULL, address_salt = NULL,
        address_digest = NULL, personal_digest = decode(v.digest, 'hex')
      FROM json_to_recordset(${JSON.stringify(values)}::json) AS v(id bigint, digest text)
      WHERE e.id = v.id`;
  }

  /** Writes the row that permits it, and waits until it is sealed. */
  private async permit(kind: ErasureKind, rows: SeqRanges): Promise<void> {
    const args = JSON.stringify(signErasure({ kind, rows }, this.key));
    const [{ id }] = await this.prisma.$queryRaw<[{ id: bigint }]>`
      INSERT INTO audit_events (at, user_id, credential_kind, credential_id, transport, operation, arguments, outcome,
        duration_ms, upstream_ms, request_id)
      VALUES (clock_timestamp(), ${ERASED_TEXT}, ${OPERATOR}, ${OPERATOR}, 'cli', ${`audit.${kind}`}, ${args}::jsonb, 'ok',
        0, 0, gen_random_uuid()::text)
      RETURNING id`;
    const deadline = performance.now() + SEALED_WITHIN_MS;
    for (;;) {
      await this.sealer.sealAll();
      if (await this.isSealed(id)) return;
      if (performance.now() > deadline)
        throw new Error('The row that permits this was not sealed in time; nothing was erased. Try again.');
      // Another instance is sealing at this moment.
      await delay(100);
    }
  }

  private async isSealed(id: bigint): Promise<boolean> {
    return (await this.prisma.auditLeaf.findUnique({ where: { eventId: id } })) !== null;
  }

  /** How many leaves, from the first on, were sealed so long ago. Checkpoints' times never go back. */
  private async leavesOlderThan(days: number): Promise<number> {
    const [{ leaves }] = await this.prisma.$queryRaw<[{ leaves: bigint | null }]>`
      SELECT max(tree_size) AS leaves FROM audit_checkpoints WHERE at < now() - make_interval(days => ${days}::int)`;
    return Number(leaves ?? 0);
  }

  private async firstSeq(leaves: number, condition: Prisma.Sql): Promise<number | undefined> {
    const [first] = await this.prisma.$queryRaw<{ seq: bigint }[]>`
      SELECT l.seq FROM audit_leaves AS l JOIN audit_events AS e ON e.id = l.event_id
      WHERE l.seq < ${leaves} AND ${condition} ORDER BY l.seq LIMIT 1`;
    return first && Number(first.seq);
  }

  private async page(condition: Prisma.Sql): Promise<LeafRow[]> {
    const rows = await this.prisma.$queryRaw<{ seq: bigint; row: SealedRowValues }[]>`
      SELECT l.seq, ${Prisma.raw(SEALED_ROW_JSON)} AS row
      FROM audit_leaves AS l JOIN audit_events AS e ON e.id = l.event_id
      WHERE ${condition} ORDER BY l.seq LIMIT ${PAGE}`;
    return rows.map(({ seq, row }) => ({ seq: Number(seq), row: sealedRowOfValues(row) }));
  }
}

function rangesOf(page: readonly LeafRow[]): SeqRanges {
  const ranges = new SeqRanges();
  for (const { seq } of page) ranges.add(seq);
  return ranges;
}

function upTo(leaves: number): SeqRanges {
  const ranges = new SeqRanges();
  ranges.add(0, leaves - 1);
  return ranges;
}
