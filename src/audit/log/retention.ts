import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import { Pruner } from './pruner.js';

/** How often an instance asks whether it is time. */
const LOOK_EVERY_MS = 10 * 60 * 1_000;

/**
 * Prunes the log once in `AUDIT_PRUNE_EVERY`, by one instance of however many. An instance that ends amid a round leaves
 * the rest to the next one.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly pruner: Pruner,
    @Inject(CONFIG) private readonly config: Pick<Config, 'audit'>,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.audit.pruneEverySeconds > 0) this.running = this.run();
  }

  /** Waits for the window that is under way. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Prunes if it is time and nobody else does. Never throws: the next time goes on where this one ended. */
  async attempt(): Promise<void> {
    const { retentionDays, pruneEverySeconds: everySeconds } = this.config.audit;
    const { signal } = this.stopping;
    try {
      const report = await this.pruner.prune(retentionDays, { everySeconds, signal });
      if (report !== undefined) this.logger.info(report, 'The audit log was pruned');
    } catch (error) {
      if (!signal.aborted)
        this.logger.warn({ err: error }, 'The audit log could not be pruned; the next round goes on');
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // Not at once: a process that starts has better things to do.
      await delay(LOOK_EVERY_MS * (0.75 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.attempt();
    }
  }
}
