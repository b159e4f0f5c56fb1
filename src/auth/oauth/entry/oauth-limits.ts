import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../../../errors/app-error.js';
import { addressKey } from '../../address-key.js';

const MINUTE_S = 60;

/** RFC 8628 §3.5: how often a device may ask; a second less than what it is told. */
export const DEVICE_INTERVAL_S = 5;
const DEVICE_TOO_SOON_S = DEVICE_INTERVAL_S - 1;

/**
 * How often one address (a /64 of IPv6) may do what costs us something or guesses something. Hosted clients come for
 * many people from few addresses: the numbers leave room for them.
 */
@Injectable()
export class OauthLimits {
  private readonly authorizations = limiter(240, MINUTE_S);
  private readonly registrations = limiter(60, 10 * MINUTE_S);
  private readonly tokenFailures = limiter(60, MINUTE_S);
  private readonly deviceStarts = limiter(30, MINUTE_S);
  private readonly userCodes = limiter(10, 10 * MINUTE_S);
  private readonly metadataFetches = limiter(30, MINUTE_S);
  private readonly polls = limiter(1, DEVICE_TOO_SOON_S);

  /** @throws AppError rate_limited */
  authorization(address: string): Promise<void> {
    return spend(this.authorizations, addressKey(address));
  }

  /** @throws AppError rate_limited */
  registration(address: string): Promise<void> {
    return spend(this.registrations, addressKey(address));
  }

  /** @throws AppError rate_limited */
  deviceStart(address: string): Promise<void> {
    return spend(this.deviceStarts, addressKey(address));
  }

  /** @throws AppError rate_limited once the address has used up its failures at the token endpoint */
  async tokenRequest(address: string): Promise<void> {
    const state = await this.tokenFailures.get(addressKey(address));
    if (state !== null && state.consumedPoints >= this.tokenFailures.points) throw limited(state);
  }

  async tokenFailure(address: string): Promise<void> {
    await this.tokenFailures.penalty(addressKey(address));
  }

  /**
   * Codes a person may get wrong, counted for the person and for the address.
   * @throws AppError rate_limited
   */
  async userCode(userId: string, address: string): Promise<void> {
    for (const key of userCodeKeys(userId, address)) await spend(this.userCodes, key);
  }

  /** A code that was right was no guess. */
  async userCodeFound(userId: string, address: string): Promise<void> {
    for (const key of userCodeKeys(userId, address)) await this.userCodes.reward(key);
  }

  /** Whether a stranger's address may be fetched once more on behalf of this caller. */
  mayFetchMetadata(address: string): Promise<boolean> {
    return taken(this.metadataFetches, addressKey(address));
  }

  /** Whether a device waited as long as it was told before it asked again. */
  mayPoll(deviceCode: string): Promise<boolean> {
    return taken(this.polls, createHash('sha256').update(deviceCode).digest('base64url'));
  }
}

function limiter(points: number, duration: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration });
}

function userCodeKeys(userId: string, address: string): string[] {
  return [`user:${userId}`, `address:${addressKey(address)}`];
}

async function spend(limit: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limit.consume(key);
  } catch (error) {
    throw error instanceof RateLimiterRes ? limited(error) : error;
  }
}

async function taken(limit: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limit.consume(key);
    return true;
  } catch (error) {
    if (error instanceof RateLimiterRes) return false;
    throw error;
  }
}

function limited({ msBeforeNext }: RateLimiterRes): AppError {
  return new AppError('rate_limited', {
    detail: 'Too many requests of this kind from this address.',
    retryAfterSeconds: msBeforeNext / 1000,
  });
}
