import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import type { Caller } from '../tool-call.js';
import type { LiveStream, StreamEnd } from './live-stream.js';

const OPERATION = 'subscriptions/ended';

/**
 * The audit row of a stream's end; that of its beginning, CallPath writes. The looks in between are none: they are nobody's
 * call, the same look serves all streams of a user, and what they showed was read by calls that have rows of their own.
 */
@Injectable()
export class StreamLog {
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly audit: AuditService,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** Writes the row, with how long the stream was open and how often it was told something. */
  ended({ uris, notifications, openedAt }: LiveStream, caller: Caller, why: StreamEnd): void {
    const { principal: actor, transport, requestId, trace, clientName, address } = caller;
    const isOurs = why === 'left' || why === 'shutting_down';
    const row = this.audit.record({
      actor,
      transport,
      operation: OPERATION,
      args: { uri: uris.join(' '), notifications },
      outcome: isOurs ? 'ok' : 'denied',
      code: isOurs ? undefined : why,
      durationMs: performance.now() - openedAt,
      requestId,
      traceId: trace?.traceId,
      clientName,
      address,
    });
    if (row !== undefined) this.track(row, requestId);
  }

  /** Resolves when the log has taken in all rows so far, or this is known not to be so and said in the process's log. */
  async written(): Promise<void> {
    await Promise.all(this.writing);
  }

  private track(row: Promise<void>, requestId: string): void {
    const writing = row
      .catch((error: unknown) => {
        this.logger.error({ err: error, request_id: requestId }, 'The end of a stream could not be recorded');
      })
      .finally(() => this.writing.delete(writing));
    this.writing.add(writing);
  }
}
