import { Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';
import { AppError } from '../errors/app-error.js';
import { argumentsHash } from './action-token.js';
import { NotSpendable } from './commit-checks.js';
import { COMMIT_COLUMNS, type CommitRow } from './commit-view.js';
import { earlierError } from './earlier-outcome.js';
import { RunningCommits } from './running-commits.js';
import type { WriteOrigin, WriteOutcome } from './write-call.js';
import type { WriteArguments, WriteOperation, WritePreview } from './write-operation.js';

/** A commit that was made with a client's own key. */
export interface KeyedCommit extends CommitRow {
  readonly arguments: WriteArguments;
  readonly preview: WritePreview;
}

/** A write that a client gave its own key. */
interface KeyedWrite {
  readonly keyHash: Uint8Array<ArrayBuffer>;
  readonly operation: WriteOperation;
  readonly args: WriteArguments;
  readonly origin: WriteOrigin;
  /** What the answer to it is once it has succeeded. */
  readonly answer: (commit: KeyedCommit) => Record<string, unknown>;
}

/**
 * One write for each Idempotency-Key of a credential, however often and wherever it is asked for, and whatever is spent for
 * it. A key counts from the moment its write is in the ledger, and for as long as the ledger has the row; a refusal of ours
 * uses up no key.
 */
@Injectable()
export class KeyedWrites {
  constructor(
    private readonly prisma: PrismaService,
    private readonly running: RunningCommits,
  ) {}

  /**
   * Attempts the write unless its key was used before: then the answer is what became of that one, waited for if it is
   * still under way. Two attempts at once are told apart by the ledger's unique index, not here.
   * @throws AppError idempotency_key_reused when the key was used for another write; or what the attempt throws
   */
  async once(write: KeyedWrite, attempt: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
    const before = await this.earlier(write);
    if (before !== undefined) return before;
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AppError || error instanceof NotSpendable)) throw error;
      // It may have been refused because an equal one was faster: then what became of that one is the answer.
      const meanwhile = await this.earlier(write);
      if (meanwhile === undefined) throw error;
      return meanwhile;
    }
  }

  private async earlier({ keyHash, operation, args, origin, answer }: KeyedWrite): Promise<WriteOutcome | undefined> {
    const [row] = await this.prisma.$queryRaw<KeyedCommit[]>`
      SELECT ${COMMIT_COLUMNS}, arguments, preview FROM commits WHERE client_key_hash = ${keyHash}`;
    if (row === undefined) return undefined;
    const same = row.tool === operation.tool && Buffer.compare(argumentsHash(row.arguments), argumentsHash(args)) === 0;
    if (!same) throw new AppError('idempotency_key_reused');
    const commit = await this.running.ended(row, origin);
    const error = earlierError(commit);
    if (error !== undefined) return { kind: 'failed', error, recorded: false };
    return { kind: 'done', structured: answer(commit), recorded: false };
  }
}
