import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../database/prisma.service.js';
import { Prisma } from '../../generated/prisma/client.js';
import { OPERATOR } from './erasure.js';
import { ErasurePermits } from './erasure-permits.js';
import { networkOf } from './network.js';
import { type RetentionStep, RetentionTurn } from './retention-turn.js';
import { addressDigest } from './row-leaf.js';
import { SEALED_ROW_JSON, sealedRowOfValues, type SealedRowValues } from './sealed-row.js';
import { SeqRanges } from './seq-ranges.js';

/** Addresses are truncated to their networks after so many days. */
const ADDRESS_DAYS = 30;
/** Leaves of one window, which is one transaction: some 20 ms of work. */
const WINDOW = 1_000;

/**
 * Rows `e` that a step is about. Removing leaves the rows that permit erasures: others are verified by
 * them. An address that is truncated, or erased with all that is personal, has a digest.
 */
const DUE: Readonly<Record<RetentionStep, Prisma.Sql>> = {
  remove: Prisma.sql`NOT (e.credential_kind = ${OPERATOR} AND starts_with(e.operation, 'audit.'))`,
  truncate: Prisma.sql`e.address IS NOT NULL AND e.address_digest IS NULL AND e.personal_digest IS NULL`,
};

/** How many rows each of them concerned. */
export interface PruneReport {
  readonly truncated: number;
  readonly removed: number;
}

/** When to prune, and until when. */
export interface PruneOptions {
  /** Only when the last round ended so long ago; 0: now. */
  readonly everySeconds?: number;
  /** Ends it after the window that is under way; the next round goes on there. */
  readonly signal?: AbortSignal;
}

/**
 * Forgets what is too old, by one instance at a time, a window after the other. A row that says which leaves it is about,
 * signed, is sealed first; only then the rows are touched. So the log tells it from an edit, and a crash in between leaves
 * rows that may still go, never rows that went without permission.
 */
@Injectable()
export class Pruner {
  constructor(
    private readonly prisma: PrismaService,
    private readonly permits: ErasurePermits,
  ) {}

  /**
   * Removes rows after the given days and truncates addresses after 30, by the time of their checkpoints.
   * @returns undefined: not now, or another instance is at it
   * @throws Error when the turn is lost, or the sealer seals nothing
   */
  async prune(retentionDays: number, options: PruneOptions = {}): Promise<PruneReport | undefined> {
    const turn = await RetentionTurn.take(this.prisma, options.everySeconds);
    if (turn === undefined) return undefined;
    let done = false;
    try {
      const removed = await this.step('remove', turn, retentionDays, options.signal);
      const truncated = await this.step('truncate', turn, ADDRESS_DAYS, options.signal);
      done = true;
      return { removed, truncated };
    } finally {
      await turn.end(done);
    }
  }

  /** Window after window, so that no statement grows with the log. What it will do is permitted before the first row. */
  private async step(step: RetentionStep, turn: RetentionTurn, days: number, signal?: AbortSignal): Promise<number> {
    const end = await this.leavesOlderThan(days);
    let permitted = false;
    let touched = 0;
    for (let from = turn.below[step]; from < end; from += WINDOW) {
      signal?.throwIfAborted();
      const to = Math.min(from + WINDOW, end);
      const first = permitted ? undefined : await this.firstDue(step, from, to);
      if (first !== undefined) {
        await this.permits.permit(step, range(first, end - 1), signal);
        permitted = true;
      }
      touched += await turn.window(step, to, (transaction) =>
        permitted ? work(step, transaction, from, to) : Promise.resolve(0),
      );
    }
    return touched;
  }

  /** How many leaves, from the first on, were sealed so long ago. Checkpoints' times never go back. */
  private async leavesOlderThan(days: number): Promise<number> {
    const [last] = await this.prisma.$queryRaw<{ tree_size: bigint }[]>`
      SELECT tree_size FROM audit_checkpoints WHERE at < now() - make_interval(days => ${days}::int)
      ORDER BY at DESC, tree_size DESC LIMIT 1`;
    return Number(last?.tree_size ?? 0);
  }

  private async firstDue(step: RetentionStep, from: number, to: number): Promise<number | undefined> {
    const [{ seq }] = await this.prisma.$queryRaw<[{ seq: bigint | null }]>`
      SELECT min(l.seq) AS seq FROM audit_leaves AS l WHERE l.event_id = ANY(ARRAY(
        SELECT e.id FROM audit_events AS e WHERE ${within(from, to)} AND ${DUE[step]}))`;
    return seq === null ? undefined : Number(seq);
  }
}

/** Rows `e` of the leaves of a window. As an array, because a join of the two may read either table from its beginning. */
function within(from: number, to: number): Prisma.Sql {
  return Prisma.sql`e.id = ANY(ARRAY(SELECT event_id FROM audit_leaves WHERE seq >= ${from} AND seq < ${to}))`;
}

/** One window of a step. @returns how many rows it concerned */
function work(step: RetentionStep, transaction: Prisma.TransactionClient, from: number, to: number): Promise<number> {
  return step === 'remove' ? remove(transaction, from, to) : truncate(transaction, from, to);
}

function remove(transaction: Prisma.TransactionClient, from: number, to: number): Promise<number> {
  return transaction.$executeRaw`
    DELETE FROM audit_events AS e WHERE ${within(from, to)} AND ${DUE.remove}`;
}

async function truncate(transaction: Prisma.TransactionClient, from: number, to: number): Promise<number> {
  const rows = await transaction.$queryRaw<{ row: SealedRowValues }[]>`
    SELECT ${Prisma.raw(SEALED_ROW_JSON)} AS row FROM audit_events AS e WHERE ${within(from, to)} AND ${DUE.truncate}`;
  const values = rows.map(({ row }) => {
    const whole = sealedRowOfValues(row);
    return { id: whole.id, address: networkOf(whole.address), digest: addressDigest(whole) };
  });
  // Asked again: what somebody erased since must stay erased.
  return transaction.$executeRaw`
    UPDATE audit_events AS e SET address = v.address, address_salt = NULL, address_digest = decode(v.digest, 'hex')
    FROM json_to_recordset(${JSON.stringify(values)}::json) AS v(id bigint, address text, digest text)
    WHERE e.id = v.id AND ${DUE.truncate}`;
}

function range(first: number, last: number): SeqRanges {
  const ranges = new SeqRanges();
  ranges.add(first, last);
  return ranges;
}
