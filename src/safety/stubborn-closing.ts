import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database-errors.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { CommitClosing, type Ending } from './commit-closing.js';
import { InFlight } from './in-flight.js';
import type { LedgerEvent } from './ledger-audit.js';

/** Pauses before each repetition, in milliseconds: some ten seconds in all. */
const PAUSES_MS = [100, 300, 600, 1_000, 2_000, 3_000, 3_000];
/** How long the caller of a commit waits for its end to be written; the repetitions go on without it. */
const CALLER_WAITS_MS = 2_000;

/**
 * Writes a commit's end although the database is away or overrun for a moment. What pwa-be answered is known only here:
 * lost, it would have to be guessed from outside. Writing it twice changes nothing, the ledger takes one end.
 */
@Injectable()
export class StubbornClosing {
  constructor(
    private readonly closing: CommitClosing,
    private readonly inFlight: InFlight,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns whether the end was written while the caller waited. @throws what is not the database being away */
  async close(id: string, ending: Ending, event: LedgerEvent): Promise<boolean> {
    const written = this.inFlight.track(this.repeat(id, ending, event));
    const patience = new AbortController();
    const tooLong = sleep(CALLER_WAITS_MS, false, { signal: patience.signal }).catch(() => false);
    try {
      return await Promise.race([written, tooLong]);
    } finally {
      patience.abort();
    }
  }

  private async repeat(id: string, ending: Ending, event: LedgerEvent): Promise<boolean> {
    for (const pause of [...PAUSES_MS, undefined]) {
      try {
        await this.closing.close(id, ending, event);
        return true;
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        this.logger.warn(
          { err: error, commit_id: id, ending: ending.status },
          'The end of a commit is not written yet',
        );
      }
      if (pause !== undefined) await sleep(pause);
    }
    return false;
  }
}
