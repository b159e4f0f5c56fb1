import { appendFile } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import type { Checkpoint } from './checkpoint.js';

const POST_TIMEOUT_MS = 5_000;
/** Only the newest matters: it covers all before it. */
const MAX_WAITING = 100;

/**
 * Hands checkpoints to a place off this machine: a line appended to a file, or a POST. The log can be cut, and an
 * operator's key can sign another one, but not so that it agrees with a checkpoint kept elsewhere. A place that cannot
 * be reached delays nothing; what could not be handed over is tried again with the next checkpoint.
 */
@Injectable()
export class CheckpointSink {
  private waiting: Checkpoint[] = [];
  private sending: Promise<void> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'audit'>,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  publish(checkpoint: Checkpoint): void {
    if (this.config.audit.checkpointSink === undefined) return;
    this.waiting = [...this.waiting, checkpoint].slice(-MAX_WAITING);
    this.sending ??= this.send().finally(() => {
      this.sending = undefined;
    });
  }

  /** Waits for what is being handed over. */
  async flush(): Promise<void> {
    await this.sending;
  }

  private async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.deliver(batch);
      } catch (error) {
        this.waiting = [...batch, ...this.waiting].slice(-MAX_WAITING);
        this.logger.warn({ err: error, waiting: this.waiting.length }, 'An audit checkpoint could not be handed over');
        return;
      }
    }
  }

  private async deliver(batch: readonly Checkpoint[]): Promise<void> {
    const sink = this.config.audit.checkpointSink!;
    const lines = batch.map((checkpoint) => `${JSON.stringify(checkpoint)}\n`).join('');
    if (!/^https?:\/\//.test(sink)) {
      await appendFile(sink, lines, { mode: 0o600 });
      return;
    }
    const response = await fetch(sink, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines,
      redirect: 'error',
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the checkpoint sink answered ${response.status}`);
  }
}
