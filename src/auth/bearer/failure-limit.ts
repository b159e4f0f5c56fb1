import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { AppError } from '../../errors/app-error.js';
import { addressKey } from '../address-key.js';

const FAILURES_PER_MINUTE = 60;

/**
 * Failed attempts an address may make. Only guesses that reached the database count: a broken client that repeats one
 * bad token must not lock out everybody behind the same egress.
 */
@Injectable()
export class FailureLimit {
  private readonly limiter = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });

  /** @throws AppError rate_limited once the address has used up its failures */
  async check(address: string): Promise<void> {
    const state = await this.limiter.get(addressKey(address));
    if (state === null || state.consumedPoints < FAILURES_PER_MINUTE) return;
    throw new AppError('rate_limited', {
      detail: 'Too many tokens from this address were not valid.',
      retryAfterSeconds: state.msBeforeNext / 1000,
    });
  }

  async count(address: string): Promise<void> {
    await this.limiter.penalty(addressKey(address));
  }
}
