import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { isDatabaseUnavailable } from '../../database/database-errors.js';
import { AppError } from '../../errors/app-error.js';
import type { Resource } from '../access.decorator.js';
import type { Principal } from '../principal.js';
import { FailureLimit } from './failure-limit.js';
import { TokenCache } from './token-cache.js';
import { TOKEN_KINDS, type TokenKind, type VerifiedToken } from './token-kind.js';
import { tokenRefused } from './token-refused.js';

export interface VerifyOptions {
  /** Where the request came from; without it failures are not counted. */
  readonly address?: string;
  /** Ask the database again whatever the cache says, as everything that writes must. */
  readonly fresh?: boolean;
  /** What the token is presented at; without it every resource is right. */
  readonly resource?: Resource;
}

interface Flight {
  readonly generation: number;
  readonly result: Promise<VerifiedToken>;
}

/** Turns a bearer token into a principal. The order of the steps is the policy: cheap and harmless first. */
@Injectable()
export class TokenVerifier {
  private readonly flights = new Map<string, Flight>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(TOKEN_KINDS) private readonly kinds: readonly TokenKind[],
    private readonly cache: TokenCache,
    private readonly failures: FailureLimit,
  ) {}

  /**
   * @throws AppError token_malformed, token_invalid, token_expired, token_revoked, token_wrong_resource (401),
   * rate_limited (429), database_unavailable (503: a 401 would make clients throw their tokens away)
   */
  async verify(token: string, { address, fresh = false, resource }: VerifyOptions = {}): Promise<Principal> {
    // 1. Form and checksum: a typo costs no database trip.
    const kind = this.kindOf(token);
    // 2. What this process knows already, good or bad.
    const key = hash('sha256', token, 'base64url');
    const known = fresh ? undefined : this.cache.find(key);
    if (known !== undefined) return this.presentedAt(resource, known);
    const refusal = this.cache.refusal(key);
    if (refusal !== undefined) throw refusal;
    // 3. Addresses that guess wait; a token that was good here before is no guess.
    if (address !== undefined && !this.cache.secretProven(key)) await this.failures.check(address);
    // 4. and 5. Its row, then the fast tag, then the slow hash, then its state: the kind's own list.
    const loaded = fresh ? this.load(kind, token, key, address) : this.loadOnce(kind, token, key, address);
    return this.presentedAt(resource, await loaded);
  }

  /** 6. Its audience (RFC 8707, RFC 9728 §7.4): the same token may be right at one route and wrong at the next. */
  private presentedAt(resource: Resource | undefined, token: VerifiedToken): Principal {
    if (resource === undefined || token.resource === undefined || token.resource === resource) return token.principal;
    throw tokenRefused(this.config, 'token_wrong_resource');
  }

  private kindOf(token: string): TokenKind {
    const kind = this.kinds.find(({ prefix }) => token.startsWith(prefix));
    if (kind?.wellFormed(token) === true) return kind;
    throw tokenRefused(this.config, 'token_malformed');
  }

  /**
   * Requests for one token share one load, but only one that began after the last eviction: a load from before a
   * revocation must not answer a request from after it.
   */
  private loadOnce(kind: TokenKind, token: string, key: string, address: string | undefined): Promise<VerifiedToken> {
    const { generation, trusted } = this.cache;
    const flight = this.flights.get(key);
    if (flight !== undefined && trusted && flight.generation === generation) return flight.result;
    const result = this.load(kind, token, key, address).finally(() => {
      if (this.flights.get(key)?.result === result) this.flights.delete(key);
    });
    this.flights.set(key, { generation, result });
    return result;
  }

  private async load(kind: TokenKind, token: string, key: string, address: string | undefined): Promise<VerifiedToken> {
    const { generation } = this.cache;
    try {
      const loaded = await kind.load(token, { secretProven: this.cache.secretProven(key) });
      this.cache.store(key, loaded, generation);
      return loaded;
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw databaseAway(error);
      if (!(error instanceof AppError) || error.entry.status !== 401) throw error;
      this.cache.refuse(key, error);
      // Expired and revoked tokens are shown by those who had them: only guesses count.
      if (error.code === 'token_invalid' && address !== undefined) await this.failures.count(address);
      throw error;
    }
  }
}

function databaseAway(cause: unknown): AppError {
  return new AppError('database_unavailable', { cause, retryAfterSeconds: 5 });
}
