import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';

const LIFETIME_S = 60;
/** A token this close to its end is replaced: it still has to travel, and clocks differ. */
const MARGIN_S = 15;
const MAX_CACHED_USERS = 10_000;
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

interface Minted {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * The tokens that pwa-be accepts: a JWT (RFC 7519) that this service signs for one user, HS256, 60 seconds. The token
 * that a caller sent us has no way in here, so it cannot travel upstream.
 */
export class UserTokens {
  private readonly cache = new LRUCache<string, Minted>({ max: MAX_CACHED_USERS });

  constructor(
    private readonly secret: string,
    private readonly claims: Readonly<Record<string, unknown>>,
  ) {}

  /** A token of this user that stays valid for at least 15 seconds. */
  for(userId: string): string {
    const now = Math.floor(Date.now() / 1000);
    const known = this.cache.get(userId);
    if (known !== undefined && known.expiresAt - now > MARGIN_S) return known.token;
    const minted = { token: this.sign(userId, now), expiresAt: now + LIFETIME_S };
    this.cache.set(userId, minted);
    return minted.token;
  }

  /** Forgets the user's token, because pwa-be refused it. */
  drop(userId: string): void {
    this.cache.delete(userId);
  }

  private sign(userId: string, now: number): string {
    const body = `${HEADER}.${encode({ ...this.claims, sub: userId, iat: now, exp: now + LIFETIME_S })}`;
    return `${body}.${createHmac('sha256', this.secret).update(body).digest('base64url')}`;
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
