import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterPrisma, RateLimiterRes } from 'rate-limiter-flexible';
import { CONFIG, type Config } from '../../../config/config.js';
import { PrismaService } from '../../../database/prisma.service.js';
import { AppError } from '../../../errors/app-error.js';
import { addressKey } from '../../address-key.js';
import { deriveKey } from '../storage/artifact-seal.js';

const MINUTE_S = 60;

/** RFC 8628 §3.5: how often a device may ask; a second less than what it is told. */
export const DEVICE_INTERVAL_S = 5;
const DEVICE_TOO_SOON_S = DEVICE_INTERVAL_S - 1;

type Limit = RateLimiterMemory | RateLimiterPrisma;

/**
 * How often one address (a /64 of IPv6) may do what costs us something or guesses something. Hosted clients come for
 * many people from few addresses: the numbers leave room for them. What leaves rows behind, or guesses something short,
 * is counted by all instances together; the rest by each for itself, as it only keeps that instance from being busy.
 */
@Injectable()
export class OauthLimits {
  private readonly authorizations = ownLimit(240, MINUTE_S);
  private readonly tokenFailures = ownLimit(60, MINUTE_S);
  private readonly metadataFetches = ownLimit(30, MINUTE_S);
  private readonly polls = ownLimit(1, DEVICE_TOO_SOON_S);
  private readonly registrations: Limit;
  private readonly deviceStarts: Limit;
  private readonly userCodes: Limit;
  private readonly key: Uint8Array;

  constructor(prisma: PrismaService, @Inject(CONFIG) { secrets }: Config) {
    this.key = deriveKey(secrets.tokenPepper, 'oauth-limits');
    this.registrations = sharedLimit(prisma, 'register', 60, 10 * MINUTE_S);
    this.deviceStarts = sharedLimit(prisma, 'device', 30, MINUTE_S);
    this.userCodes = sharedLimit(prisma, 'user_code', 10, 10 * MINUTE_S);
  }

  /** @throws AppError rate_limited */
  authorization(address: string): Promise<void> {
    return spend(this.authorizations, addressKey(address));
  }

  /** @throws AppError rate_limited */
  registration(address: string): Promise<void> {
    return spend(this.registrations, this.hidden(`address:${addressKey(address)}`));
  }

  /** @throws AppError rate_limited */
  deviceStart(address: string): Promise<void> {
    return spend(this.deviceStarts, this.hidden(`address:${addressKey(address)}`));
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
    for (const key of this.guessers(userId, address)) await spend(this.userCodes, key);
  }

  /** A code that was right was no guess. */
  async userCodeFound(userId: string, address: string): Promise<void> {
    for (const key of this.guessers(userId, address)) await this.userCodes.reward(key);
  }

  /** Whether a stranger's address may be fetched once more on behalf of this caller. */
  mayFetchMetadata(address: string): Promise<boolean> {
    return taken(this.metadataFetches, addressKey(address));
  }

  /** Whether a device waited as long as it was told before it asked again. */
  mayPoll(deviceCode: string): Promise<boolean> {
    return taken(this.polls, this.hidden(deviceCode));
  }

  private guessers(userId: string, address: string): string[] {
    return [`user:${userId}`, `address:${addressKey(address)}`].map((key) => this.hidden(key));
  }

  /** A row of ours tells nobody who tried. */
  private hidden(key: string): string {
    return createHmac('sha256', this.key).update(key).digest('base64url');
  }
}

function ownLimit(points: number, duration: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration });
}

/** Who is past the limit is told so from memory: a flood costs the database nothing more. */
function sharedLimit(storeClient: PrismaService, keyPrefix: string, points: number, duration: number): Limit {
  return new RateLimiterPrisma({
    storeClient,
    tableName: 'rateLimit',
    keyPrefix,
    points,
    duration,
    inMemoryBlockOnConsumed: points + 1,
    // The cleanup's job.
    clearExpiredByTimeout: false,
  });
}

async function spend(limit: Limit, key: string): Promise<void> {
  try {
    await limit.consume(key);
  } catch (error) {
    throw error instanceof RateLimiterRes ? limited(error) : error;
  }
}

async function taken(limit: Limit, key: string): Promise<boolean> {
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
