import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Principal } from '../auth/principal.js';
import { CONFIG, type Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';

const WINDOW_SECONDS = 60;

/** Calls a minute and credential, counted by each process for itself. */
@Injectable()
export class CallLimiter {
  private readonly limiter: RateLimiterMemory;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.limiter = new RateLimiterMemory({ points: config.rateLimitPerMinute, duration: WINDOW_SECONDS });
  }

  /**
   * Counts one call.
   * @throws AppError `rate_limited` past the limit, with the seconds until it ends
   */
  async take({ userId, credentialId }: Principal): Promise<void> {
    try {
      // Sessions have no id of their own: the user makes the key one person's.
      await this.limiter.consume(`${userId} ${credentialId}`);
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      const seconds = Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1_000));
      throw new AppError('rate_limited', {
        detail: `This credential has made its ${this.config.rateLimitPerMinute} calls of this minute. Wait ${seconds} seconds.`,
        retryAfterSeconds: seconds,
      });
    }
  }
}
