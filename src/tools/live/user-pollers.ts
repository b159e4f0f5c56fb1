import { Inject, Injectable } from '@nestjs/common';
import { CredentialWatch } from '../../auth/bearer/credential-watch.js';
import type { Principal } from '../../auth/principal.js';
import { AppError } from '../../errors/app-error.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import { PwaBeClient } from '../../pwa-be/pwa-be.client.js';
import { fingerprint } from './live-resources.js';
import { LIVE_SETTINGS, type LiveSettings } from './live-settings.js';
import type { LiveStream } from './live-stream.js';
import { UserPoller } from './user-poller.js';

/** One poller for each user who listens to something, for as long as he does. */
@Injectable()
export class UserPollers {
  private readonly byUser = new Map<string, UserPoller>();

  constructor(
    private readonly pwaBe: PwaBeClient,
    private readonly credentials: CredentialWatch,
    @Inject(LIVE_SETTINGS) private readonly settings: LiveSettings,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** Has a stream told of changes until it ends. Resolves as UserPoller.add does. */
  async attach(stream: LiveStream, principal: Principal): Promise<void> {
    const { userId } = principal;
    const poller = this.byUser.get(userId) ?? new UserPoller((uri) => this.look(uri, principal), this.settings);
    this.byUser.set(userId, poller);
    stream.onEnd(() => {
      poller.remove(stream);
      if (poller.idle && this.byUser.get(userId) === poller) this.byUser.delete(userId);
    });
    await poller.add(stream);
  }

  /**
   * Looks on the user's behalf, with the breaker and the queue of every read. What it shows is for comparing and goes to
   * nobody, so it is the same with whichever of his credentials.
   */
  private async look(uri: string, principal: Principal): Promise<string> {
    // While revocations may be missed, nobody is told anything; afterwards all credentials are looked at again.
    if (!this.credentials.trusted) throw new AppError('database_unavailable');
    try {
      const upstream = this.pwaBe.forUser(principal.userId, { deadlineMs: this.settings.lookMs });
      return await fingerprint(uri, principal, upstream);
    } catch (error) {
      if (!(error instanceof AppError))
        this.logger.error({ err: error, uri }, 'A live resource could not be looked at');
      throw error;
    }
  }
}
