import { Inject, Injectable } from '@nestjs/common';
import type { AppError } from '../errors/app-error.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { PwaBeClient, type WriteAnswer } from '../pwa-be/pwa-be.client.js';
import { endingError, endingOf } from './commit-answer.js';
import type { CommitRequest } from './commit-checks.js';
import { CommitOpening, type OpenedCommit } from './commit-opening.js';
import type { Ending } from './commit-closing.js';
import { CRASH_POINTS, type CrashPoints } from './crash-points.js';
import { InFlight } from './in-flight.js';
import { type LedgerEvent, originOf } from './ledger-audit.js';
import { OpeningTurns } from './opening-turns.js';
import { StubbornClosing } from './stubborn-closing.js';

/** How a commit that reached the ledger ended for its caller. `recorded`: its audit rows are written. */
export interface CommitOutcome {
  readonly id: string;
  readonly result?: Record<string, unknown>;
  readonly error?: AppError;
  readonly recorded: boolean;
}

/** The three steps of every commit, whichever way it came in: ledger, one PUT, ledger. */
@Injectable()
export class Committer {
  constructor(
    private readonly opening: CommitOpening,
    private readonly closing: StubbornClosing,
    private readonly pwaBe: PwaBeClient,
    private readonly inFlight: InFlight,
    private readonly turns: OpeningTurns,
    @Inject(CRASH_POINTS) private readonly crash: CrashPoints,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Carries a commit out, to its end even when its caller has gone.
   * @throws AppError of a refusal of ours, NotSpendable, or a database error: then nothing was sent
   */
  commit(request: CommitRequest): Promise<CommitOutcome> {
    return this.inFlight.track(this.run(request));
  }

  private async run(request: CommitRequest): Promise<CommitOutcome> {
    await this.crash.reach('before_tx1');
    const { userId } = request.origin.principal;
    const opened = await this.turns.run(userId, () => this.opening.open(request));
    await this.crash.reach('after_tx1');
    // No signal of the caller: from here on its patience does not count.
    const upstream = this.pwaBe.forUser(userId);
    await this.crash.reach('before_put');
    const answer = await send();
    await this.crash.reach('after_put');
    return this.finish(request, opened, answer, upstream.waitedMs);

    /** The clock is looked at twice: before a connection is made, and again when it is there, before the first byte. */
    function send(): Promise<WriteAnswer> {
      const mayStart = (): boolean => withinWindow(opened);
      if (!mayStart()) return Promise.resolve({ kind: 'not_sent', reason: 'the send window has passed' });
      return request.operation.send(upstream, request.preview.facts.id, request.idempotencyKey, mayStart);
    }
  }

  private async finish(
    request: CommitRequest,
    opened: OpenedCommit,
    answer: WriteAnswer,
    upstreamMs: number,
  ): Promise<CommitOutcome> {
    const { operation, preview, origin } = request;
    if ('reason' in answer) this.logger.warn({ commit_id: opened.id, answer }, 'A commit has no clear answer');
    const ending = endingOf(answer, () => operation.committed(preview, opened.createdAt.toISOString()));
    const error = endingError(opened.id, ending);
    const event = {
      origin: originOf(origin),
      outcome: error === undefined ? 'ok' : 'error',
      code: error?.code,
      durationMs: performance.now() - origin.startedAt,
      upstreamMs,
    } as const;
    const written = await this.close(opened.id, ending, event).catch((cause: unknown) => {
      this.logger.error({ err: cause, commit_id: opened.id, answer }, 'The end of a commit could not be written');
      return false;
    });
    if (written) return { id: opened.id, result: ending.result, error, recorded: true };
    // The row stays as it is for now, and whoever looks after such rows ends it if nobody else does: until then nothing
    // else is certain enough to be told.
    return { id: opened.id, error: endingError(opened.id, { status: 'unknown' }), recorded: false };
  }

  private async close(id: string, ending: Ending, event: LedgerEvent): Promise<boolean> {
    await this.crash.reach('before_tx2');
    const written = await this.closing.close(id, ending, event);
    await this.crash.reach('after_tx2');
    return written;
  }
}

/** Both clocks: the monotonic one stands still while the machine sleeps, the other one can be set. */
function withinWindow({ sendUntil }: OpenedCommit): boolean {
  return performance.now() < sendUntil.monotonic && Date.now() < sendUntil.wall;
}
