import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaService } from '../../database/prisma.service.js';
import { AppError } from '../../errors/app-error.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import type { Principal } from '../principal.js';
import { TokenCache } from './token-cache.js';

/** The longest time that setTimeout knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const BATCH = 1_000;

/** Why a credential is no longer good; `database_unavailable`: nobody can say whether it is. */
export type CredentialEnd = 'token_revoked' | 'token_expired' | 'database_unavailable';

interface Watch {
  readonly principal: Principal;
  readonly tags: readonly string[];
  readonly onEnd: (why: CredentialEnd) => void;
  timer: NodeJS.Timeout | undefined;
}

/** Tells who holds something open on a credential's account when that credential ends, on whatever instance it was ended. */
@Injectable()
export class CredentialWatch implements OnApplicationShutdown {
  private readonly watches = new Set<Watch>();
  private readonly watchesByTag = new Map<string, Set<Watch>>();

  constructor(
    private readonly cache: TokenCache,
    private readonly prisma: PrismaService,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
  ) {
    cache.onEvict((tag) => this.endAll(tag));
    cache.onClear(() => void this.lookAgain());
  }

  /** Whether the end of a credential would be heard of at once. */
  get trusted(): boolean {
    return this.cache.trusted;
  }

  /**
   * Calls `onEnd` once, when the principal's token expires or the credential is revoked, rotated or changed: who may go on
   * can ask anew.
   * @param principal as a verified bearer token gave it
   * @returns ends the watch
   * @throws AppError `token_revoked` when it has ended since it was verified; the database's error when that cannot be known
   */
  async watch(principal: Principal, onEnd: (why: CredentialEnd) => void): Promise<() => void> {
    const token = this.cache.tokenOf(principal);
    if (token === undefined) throw new Error('a principal without a bearer token cannot be watched');
    const watch: Watch = { principal, tags: token.tags, onEnd, timer: undefined };
    this.add(watch);
    this.armExpiry(watch, token.expiresAt);
    try {
      // It may have ended between its verification and now; from now on nothing is missed.
      if ((await this.live([principal])).has(principal.credentialId)) return () => this.remove(watch);
      throw new AppError('token_revoked');
    } catch (error) {
      this.remove(watch);
      throw error;
    }
  }

  onApplicationShutdown(): void {
    for (const watch of this.watches) this.remove(watch);
  }

  private endAll(tag: string): void {
    for (const watch of this.watchesByTag.get(tag) ?? []) this.end(watch, 'token_revoked');
  }

  private end(watch: Watch, why: CredentialEnd): void {
    this.remove(watch);
    watch.onEnd(why);
  }

  /** After a time in which ends may have been missed. */
  private async lookAgain(): Promise<void> {
    const watches = [...this.watches];
    try {
      const live = await this.live(watches.map(({ principal }) => principal));
      for (const watch of watches) if (!live.has(watch.principal.credentialId)) this.end(watch, 'token_revoked');
    } catch (error) {
      this.logger.warn(
        { err: error, watches: watches.length },
        'Whether credentials are still good cannot be found out',
      );
      for (const watch of watches) this.end(watch, 'database_unavailable');
    }
  }

  /** The ids of those credentials that are not revoked. */
  private async live(principals: readonly Principal[]): Promise<Set<string>> {
    const live = new Set<string>();
    const ids = [...new Set(principals.map(({ credentialId }) => credentialId))];
    for (let from = 0; from < ids.length; from += BATCH) {
      const rows = await this.prisma.$queryRaw<{ id: string }[]>`
        SELECT id::text FROM personal_access_tokens
         WHERE revoked_at IS NULL AND id = ANY(${ids.slice(from, from + BATCH)}::uuid[])
        UNION ALL
        SELECT id::text FROM oauth_grants
         WHERE revoked_at IS NULL AND id = ANY(${ids.slice(from, from + BATCH)}::uuid[])`;
      for (const { id } of rows) live.add(id);
    }
    return live;
  }

  private armExpiry(watch: Watch, expiresAt: number | undefined): void {
    if (expiresAt === undefined) return;
    const left = expiresAt - Date.now();
    watch.timer = setTimeout(
      () => (left > MAX_TIMER_MS ? this.armExpiry(watch, expiresAt) : this.end(watch, 'token_expired')),
      Math.min(left, MAX_TIMER_MS),
    );
  }

  private add(watch: Watch): void {
    this.watches.add(watch);
    for (const tag of watch.tags) {
      const watches = this.watchesByTag.get(tag);
      if (watches === undefined) this.watchesByTag.set(tag, new Set([watch]));
      else watches.add(watch);
    }
  }

  private remove(watch: Watch): void {
    clearTimeout(watch.timer);
    this.watches.delete(watch);
    for (const tag of watch.tags) {
      const watches = this.watchesByTag.get(tag);
      watches?.delete(watch);
      if (watches?.size === 0) this.watchesByTag.delete(tag);
    }
  }
}
