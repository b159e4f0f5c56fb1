import { createHmac, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { PatParts } from './pat-format.js';

const TAG_BYTES = 8;

/**
 * 1 MiB, one pass. A slow hash protects secrets that can be guessed; this one has 190 random bits, so that OWASP's
 * 19 MiB would cost 10 ms a cold check and protect nothing. The library's default algorithm is argon2id.
 */
const COST = { memoryCost: 1024, timeCost: 1, parallelism: 1 } as const;

/** The keyed hashes of personal access tokens; without the pepper a stolen table cannot even be attacked. */
export class PatHash {
  private readonly key: Buffer;

  /** @param pepper at least 32 characters, the same on every instance */
  constructor(private readonly pepper: string) {
    this.key = Buffer.from(pepper, 'utf8');
  }

  /** @returns argon2id PHC string */
  hashSecret(secret: string): Promise<string> {
    return hash(secret, { ...COST, secret: this.key });
  }

  /** Whether the PHC string belongs to this secret; the parameters are the string's own. */
  verifySecret(phc: string, secret: string): Promise<boolean> {
    return verify(phc, secret, { secret: this.key });
  }

  /** First 8 bytes of HMAC-SHA-256(pepper, token). */
  tag(parts: PatParts): Uint8Array<ArrayBuffer> {
    return new Uint8Array(createHmac('sha256', this.pepper).update(parts.token).digest().subarray(0, TAG_BYTES));
  }

  /**
   * Whether the stored tag is this token's, in constant time. Without a row it compares with a tag that fits nothing:
   * an unknown selector and a forged secret take the same time.
   */
  tagMatches(parts: PatParts, stored: Uint8Array | undefined): boolean {
    const expected = this.tag(parts);
    const actual = stored?.length === TAG_BYTES ? stored : new Uint8Array(TAG_BYTES);
    return timingSafeEqual(expected, actual) && actual === stored;
  }
}
