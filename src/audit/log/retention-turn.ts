import { randomUUID } from 'node:crypto';
import type { PrismaService } from '../../database/prisma.service.js';
import { Prisma } from '../../generated/prisma/client.js';

/** Whoever says nothing for so long has lost its turn. Longer than a permission may wait for the sealer. */
const LEASE_SECONDS = 120;
/** A process that is paused amid a window loses its transaction, and with it the row that others wait for. */
const PAUSED_TIMEOUT = '5s';

/** What a round of pruning does to rows; each has come so far by itself. */
export type RetentionStep = 'remove' | 'truncate';

const COLUMNS = {
  remove: Prisma.sql`removed_below`,
  truncate: Prisma.sql`truncated_below`,
} as const satisfies Record<RetentionStep, Prisma.Sql>;

/**
 * One instance's turn at pruning. How far it has come is written in the transaction that does it: whoever is next goes on
 * from there, and nobody looks at old leaves twice.
 */
export class RetentionTurn {
  private constructor(
    private readonly prisma: PrismaService,
    private readonly holder: string,
    /** The first leaf that each step has not seen yet. */
    readonly below: Readonly<Record<RetentionStep, number>>,
  ) {}

  /**
   * @param everySeconds only when the last round ended so long ago
   * @returns undefined: it is not time yet, or another instance's turn
   */
  static async take(prisma: PrismaService, everySeconds = 0): Promise<RetentionTurn | undefined> {
    const holder = randomUUID();
    const [row] = await prisma.$queryRaw<{ removed_below: bigint; truncated_below: bigint }[]>`
      INSERT INTO audit_retention AS r (id, holder, leased_until) VALUES (1, ${holder}::uuid, ${until()})
      ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
        WHERE (r.leased_until IS NULL OR r.leased_until < clock_timestamp())
          AND (r.done_at IS NULL OR r.done_at <= clock_timestamp() - make_interval(secs => ${everySeconds}::float8))
      RETURNING removed_below, truncated_below`;
    const below = row && { remove: Number(row.removed_below), truncate: Number(row.truncated_below) };
    return below && new RetentionTurn(prisma, holder, below);
  }

  /**
   * Does one window of a step and notes that it is done: both or neither.
   * @param to the first leaf behind the window
   * @throws Error when the turn has passed to another instance
   */
  async window<Result>(
    step: RetentionStep,
    to: number,
    work: (transaction: Prisma.TransactionClient) => Promise<Result>,
  ): Promise<Result> {
    return this.prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`SELECT set_config('idle_in_transaction_session_timeout', ${PAUSED_TIMEOUT}, true)`;
      const held = await transaction.$executeRaw`
        UPDATE audit_retention SET ${COLUMNS[step]} = ${to}, leased_until = ${until()}
         WHERE id = 1 AND holder = ${this.holder}::uuid`;
      if (held === 0) throw new Error('Another instance prunes the audit log by now.');
      return work(transaction);
    });
  }

  /** @param done the round came to its end; otherwise anybody may go on at once */
  async end(done: boolean): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE audit_retention SET leased_until = NULL, done_at = CASE WHEN ${done} THEN clock_timestamp() ELSE done_at END
       WHERE id = 1 AND holder = ${this.holder}::uuid`;
  }
}

function until(): Prisma.Sql {
  return Prisma.sql`clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}::float8)`;
}
