import { AppError } from '../../../errors/app-error.js';
import type { Logger } from '../../../logging/logger.js';
import type { Backend, Fetch } from './backend.js';

/** An application of this process that has been started. */
export interface StartedApplication {
  /** To its routes, with the credential of its one caller. */
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** A backend in this process that is started when a client needs it: hosts start programs that nobody calls. */
export class LazyBackend implements Backend {
  /** Nobody listens there, and nothing can be reached by that name (RFC 2606 §2). */
  readonly endpoint = new URL('http://mock.invalid/mcp');
  private starting: Promise<StartedApplication> | undefined;
  private isStarted = false;

  constructor(
    private readonly start: () => Promise<StartedApplication>,
    private readonly logger: Logger,
  ) {}

  readonly fetch: Fetch = async (url, init) => (await this.started()).fetch(url, init);

  isReady(): boolean {
    return this.isStarted;
  }

  prepare(): void {
    this.started().catch((error: unknown) => this.logger.error({ err: error }, 'mock mode does not start'));
  }

  /** Ends the application, if it was started. */
  async close(): Promise<void> {
    const started = await this.starting?.catch(() => undefined);
    await started?.close();
  }

  private started(): Promise<StartedApplication> {
    this.starting ??= this.start().then(
      (started) => {
        this.isStarted = true;
        return started;
      },
      (cause: unknown) => {
        this.starting = undefined;
        // On the person's own machine: what is missing there is theirs to know.
        throw new AppError('backend_unreachable', {
          detail: cause instanceof Error ? cause.message : undefined,
          cause,
        });
      },
    );
    return this.starting;
  }
}
