import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Principal } from '../auth/principal.js';
import { CONFIG, type Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';

const WINDOW_SECONDS = 60;

/** Where a credential stands. */
export interface LimitState {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Until the window ends. */
  readonly resetSeconds: number;
}

/** Calls a minute and credential, counted by each process for itself. */
@Injectable()
export class CallLimiter {
  private readonly limiter: RateLimiterMemory;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.limiter = new RateLimiterMemory({ points: config.rateLimitPerMinute, duration: WINDOW_SECONDS });
  }

  /** How much of this minute is left to a credential, without counting anything. */
  async stateOf(principal: Principal): Promise<LimitState> {
    const { rateLimitPerMinute: limit } = this.config;
    const used = await this.limiter.get(keyOf(principal));
    if (used === null) return { limit, windowSeconds: WINDOW_SECONDS, remaining: limit, resetSeconds: WINDOW_SECONDS };
    const remaining = Math.max(0, limit - used.consumedPoints);
    return { limit, windowSeconds: WINDOW_SECONDS, remaining, resetSeconds: Math.ceil(used.msBeforeNext / 1_000) };
  }

  /**
   * Counts one call.
   * @throws AppError `rate_limited` past the limit, with the seconds until it ends
   */
  async take(principal: Principal): Promise<void> {
    try {
      await this.limiter.consume(keyOf(principal));
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

/** Sessions have no id of their own: the user makes the key one person's. */
function keyOf({ userId, credentialId }: Principal): string {
  return `${userId} ${credentialId}`;
}
