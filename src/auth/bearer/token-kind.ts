import type { Resource } from '../access.decorator.js';
import type { Principal } from '../principal.js';

/** A token that was found good, and what it stands for. */
export interface VerifiedToken {
  readonly principal: Principal;
  /** The one resource it was issued for (RFC 8707); undefined: good at all of them. */
  readonly resource?: Resource;
  /** Milliseconds since 1970; undefined: it does not expire. */
  readonly expiresAt: number | undefined;
  /** What ends it: `pat:<id>`, `grant:<id>`, `user:<id>`, as the payloads of AUTH_INVALIDATE say. */
  readonly tags: readonly string[];
}

export interface LoadOptions {
  /** This process has verified the very same secret before: slow hashing may be skipped, nothing else. */
  readonly secretProven: boolean;
}

/** One sort of bearer token, told apart by its prefix. */
export interface TokenKind {
  readonly prefix: string;
  /** Whether form and checksum are right; asks nobody and costs microseconds. */
  wellFormed(token: string): boolean;
  /**
   * Reads what the token stands for from the database.
   * @param token well-formed
   * @throws AppError token_invalid, token_expired, token_revoked
   */
  load(token: string, options: LoadOptions): Promise<VerifiedToken>;
}

/** Injection token of the list of kinds that this service accepts. */
export const TOKEN_KINDS = Symbol('TOKEN_KINDS');
