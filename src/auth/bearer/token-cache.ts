import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Notifications } from '../../database/notifications.js';
import type { AppError } from '../../errors/app-error.js';
import type { Prisma } from '../../generated/prisma/client.js';
import type { Principal } from '../principal.js';
import type { VerifiedToken } from './token-kind.js';

/** Channel that ends good answers on every instance. Payloads: `pat:<id>`, `grant:<id>`, `user:<id>`. */
const AUTH_INVALIDATE = 'auth_invalidate';
const VERIFIED_MS = 30_000;
const REFUSED_MS = 5_000;
const MAX_TOKENS = 50_000;
/** Its own and smaller: whoever sends nonsense must not push out the tokens of those who do not. */
const MAX_REFUSED = 10_000;

interface Entry {
  readonly token: VerifiedToken;
  readonly until: number;
}

/**
 * What this process knows about tokens, keyed by their SHA-256. Good answers live 30 s and only as long as the
 * notifications that would end them are known to arrive; refusals live 5 s, in a cache of their own.
 */
@Injectable()
export class TokenCache {
  private readonly keysByTag = new Map<string, Set<string>>();
  private readonly verified = new LRUCache<string, Entry>({
    max: MAX_TOKENS,
    dispose: (entry, key) => this.unlink(key, entry.token.tags),
  });
  private readonly refused = new LRUCache<string, AppError>({ max: MAX_REFUSED, ttl: REFUSED_MS });
  private readonly proven = new LRUCache<string, true>({ max: MAX_TOKENS });
  /** For as long as somebody holds the principal. */
  private readonly tokens = new WeakMap<Principal, VerifiedToken>();
  private readonly evictHandlers = new Set<(tag: string) => void>();
  private readonly clearHandlers = new Set<() => void>();
  private evictions = 0;

  constructor(private readonly notifications: Notifications) {
    notifications.subscribe(AUTH_INVALIDATE, (payload) => this.evict(payload));
    notifications.onReset(() => this.clear());
  }

  /** Changes with every eviction: what was loaded under an older generation may be outdated by now. */
  get generation(): number {
    return this.evictions;
  }

  /** Whether evictions of other instances are known to arrive here. */
  get trusted(): boolean {
    return this.notifications.trusted();
  }

  /** @returns a good answer that still holds */
  find(key: string): VerifiedToken | undefined {
    const entry = this.verified.get(key);
    if (entry === undefined || !this.trusted) return undefined;
    return Date.now() < entry.until ? entry.token : undefined;
  }

  /** Keeps a good answer, unless something was evicted since `generation` was read. */
  store(key: string, token: VerifiedToken, generation: number): void {
    // The secret was checked, and stays right whatever becomes of the token: this outlives every eviction.
    this.proven.set(key, true);
    this.tokens.set(token.principal, token);
    if (generation !== this.evictions || !this.trusted) return;
    const until = Math.min(Date.now() + VERIFIED_MS, token.expiresAt ?? Infinity);
    this.verified.set(key, { token, until });
    for (const tag of token.tags) this.link(key, tag);
  }

  /** The token that a principal came with, as it was when it was verified. */
  tokenOf(principal: Principal): VerifiedToken | undefined {
    return this.tokens.get(principal);
  }

  /** Calls `handler` with every tag that is evicted: what carries it is no longer good. */
  onEvict(handler: (tag: string) => void): void {
    this.evictHandlers.add(handler);
  }

  /** Calls `handler` whenever evictions may have been missed and no longer are. */
  onClear(handler: () => void): void {
    this.clearHandlers.add(handler);
  }

  /** Whether this process has verified the secret of this token before. */
  secretProven(key: string): boolean {
    return this.proven.has(key);
  }

  /** @returns why the token was refused a moment ago */
  refusal(key: string): AppError | undefined {
    return this.refused.get(key);
  }

  refuse(key: string, error: AppError): void {
    this.verified.delete(key);
    this.refused.set(key, error);
  }

  /** Forgets the good answers that carry a tag; loads under way will not be kept. */
  evict(tag: string): void {
    this.evictions += 1;
    for (const key of this.keysByTag.get(tag) ?? []) this.verified.delete(key);
    for (const handler of this.evictHandlers) handler(tag);
  }

  /**
   * Has every instance evict a tag at the moment the transaction commits: never before, and never without the change
   * it belongs to. Whoever calls this evicts here, too, once the transaction is through.
   */
  async evictEverywhere(tag: string, transaction: Prisma.TransactionClient): Promise<void> {
    await this.notifications.publish(AUTH_INVALIDATE, tag, transaction);
  }

  private clear(): void {
    this.evictions += 1;
    this.verified.clear();
    for (const handler of this.clearHandlers) handler();
  }

  private link(key: string, tag: string): void {
    const keys = this.keysByTag.get(tag);
    if (keys === undefined) this.keysByTag.set(tag, new Set([key]));
    else keys.add(key);
  }

  private unlink(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.keysByTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.keysByTag.delete(tag);
    }
  }
}
