import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { copyOut } from '../../database/copy.js';
import { isDatabaseUnavailable } from '../../database/database-errors.js';
import { inTransaction } from '../../database/pooled-connection.js';
import { PrismaService } from '../../database/prisma.service.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import { AuditService } from '../audit.service.js';
import { type Checkpoint, signCheckpoint } from './checkpoint.js';
import { CheckpointSink } from './checkpoint-sink.js';
import { type NewLeaf, readHead, writeHead } from './head-of-log.js';
import { leafOf } from './row-leaf.js';
import { SEALED_ROW_COLUMNS, sealedRowOfValues } from './sealed-row.js';
import type { SigningKey } from './signing-key.js';

/** Injection token of the SigningKey. */
export const SIGNING_KEY = Symbol('SIGNING_KEY');

const INTERVAL_MS = 1_000;
/** Rows of one checkpoint: some 100 ms of work. */
const BATCH_SIZE = 2_000;
/** Any number that nobody else locks. */
const LOCK = 7_261_905;
/** A leader that is paused amid a transaction loses it, and with it the lock. */
const PAUSED_LEADER_TIMEOUT = '5s';

/**
 * The rows that have waited longest, in the order of their ids, no longer wait. As an array, because the planner, which
 * takes it for a few, then finds them all by their ids; a join may read either table from its beginning. Without an event:
 * it was deleted before it could be sealed.
 */
const TAKE = `COPY (
  WITH taken AS (
    DELETE FROM audit_unsealed
    WHERE event_id = ANY(ARRAY(SELECT event_id FROM audit_unsealed ORDER BY event_id LIMIT ${BATCH_SIZE}))
    RETURNING event_id
  )
  SELECT t.event_id, ${SEALED_ROW_COLUMNS} FROM taken AS t LEFT JOIN audit_events AS e ON e.id = t.event_id
  ORDER BY t.event_id) TO STDOUT`;

interface Taken {
  readonly count: number;
  readonly leaves: readonly NewLeaf[];
}

/**
 * Seals what was written: each second the instance that gets the lock makes leaves of the rows that wait, appends them
 * to the tree and signs its head. Two that seal at once, whatever stopped the lock from telling them apart, end with
 * one checkpoint: both name the same previous root, and that is unique.
 */
@Injectable()
export class Sealer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn' | 'error'>,
    @Inject(SIGNING_KEY) private readonly key: SigningKey,
    private readonly sink: CheckpointSink,
    private readonly audit: AuditService,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** The rows of the last requests are sealed, too, where the database allows it. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.audit.drain();
    if (this.running !== undefined) await this.attempt();
    await this.sink.flush();
  }

  /** Seals all rows that wait, unless another instance is doing so. @returns how many */
  async sealAll(): Promise<number> {
    for (let total = 0; ;) {
      const sealed = await this.sealBatch();
      total += sealed;
      if (sealed < BATCH_SIZE) return total;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.attempt();
      // Rejects when it is cut short, and for no other reason.
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async attempt(): Promise<void> {
    try {
      await this.sealAll();
    } catch (error) {
      if (isDatabaseUnavailable(error)) this.logger.warn({ err: error }, 'Audit rows wait to be sealed');
      else this.logger.error({ err: error }, 'Audit rows could not be sealed');
    }
  }

  private async sealBatch(): Promise<number> {
    const [{ waiting }] = await this.prisma.$queryRaw<[{ waiting: boolean }]>`
      SELECT EXISTS (SELECT FROM audit_unsealed) AS waiting`;
    if (!waiting) return 0;
    const sealed = await inTransaction(this.prisma.pool, (client) => this.sealIn(client));
    if (sealed.checkpoint !== undefined) this.sink.publish(sealed.checkpoint);
    return sealed.count;
  }

  private async sealIn(client: ClientBase): Promise<{ count: number; checkpoint?: Checkpoint }> {
    await client.query(`SET LOCAL idle_in_transaction_session_timeout = '${PAUSED_LEADER_TIMEOUT}'`);
    const { rows } = await client.query<{ leader: boolean }>(`SELECT pg_try_advisory_xact_lock(${LOCK}) AS leader`);
    if (rows[0]?.leader !== true) return { count: 0 };
    const { tree, root: previousRoot, at } = await readHead(client);
    const { count, leaves } = await this.take(client);
    if (leaves.length === 0) return { count };
    for (const { leaf } of leaves) tree.append(leaf);
    const head = { tree_size: tree.size, root: tree.root(), previous_root: previousRoot, at };
    const checkpoint = signCheckpoint(head, this.key);
    await writeHead(client, tree, leaves, checkpoint);
    return { count, checkpoint };
  }

  private async take(client: ClientBase): Promise<Taken> {
    const leaves: NewLeaf[] = [];
    const vanished: number[] = [];
    await copyOut(client, TAKE, (fields) => {
      const event_id = Number(fields[0]);
      if (fields[1] === null) vanished.push(event_id);
      else leaves.push({ event_id, leaf: leafOf(sealedRowOfValues(fields, 1)) });
    });
    if (vanished.length > 0) this.logger.error({ ids: vanished }, 'Audit rows were deleted before they were sealed');
    return { count: leaves.length + vanished.length, leaves };
  }
}
