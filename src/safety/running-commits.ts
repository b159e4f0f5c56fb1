import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';
import { COMMIT_COLUMNS, type CommitRow } from './commit-view.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
import type { WriteOrigin } from './write-call.js';

const LOOK_EVERY_MS = 100;

/** A commit that somebody waits for. */
interface Watch {
  row: CommitRow;
  waiting: number;
  ended: Promise<void>;
}

/** Waits for commits that another call, on whichever instance, is in the middle of. */
@Injectable()
export class RunningCommits {
  /** One look serves all who wait for the same commit: a stampede of repetitions must not become one of statements. */
  private readonly watches = new Map<string, Watch>();

  constructor(
    private readonly prisma: PrismaService,
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
  ) {}

  /** The commit once it has ended, or as it stands when the time of the call that asks is over. */
  async ended<Row extends CommitRow>(row: Row, { startedAt }: Pick<WriteOrigin, 'startedAt'>): Promise<Row> {
    const patienceMs = startedAt + this.timing.repeatMs - performance.now();
    if (!row.running || patienceMs <= 0) return row;
    const watch = this.watches.get(row.id) ?? this.watch(row);
    const patience = new AbortController();
    const tooLong = sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined);
    watch.waiting += 1;
    try {
      await Promise.race([watch.ended, tooLong]);
    } finally {
      watch.waiting -= 1;
      patience.abort();
    }
    return { ...row, ...watch.row };
  }

  private watch(row: CommitRow): Watch {
    const watch: Watch = { row, waiting: 0, ended: Promise.resolve() };
    watch.ended = this.follow(watch).finally(() => this.watches.delete(row.id));
    // Whoever waits sees its failure; when nobody does any more, nobody has to.
    watch.ended.catch(() => undefined);
    this.watches.set(row.id, watch);
    return watch;
  }

  private async follow(watch: Watch): Promise<void> {
    do {
      await sleep(LOOK_EVERY_MS);
      const [row] = await this.prisma.$queryRaw<CommitRow[]>`
        SELECT ${COMMIT_COLUMNS} FROM commits WHERE id = ${watch.row.id}::uuid`;
      if (row === undefined) return;
      watch.row = row;
    } while (watch.row.running && watch.waiting > 0);
  }
}
