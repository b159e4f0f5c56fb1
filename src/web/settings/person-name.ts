import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { USER_DIRECTORY, type UserDirectory } from '../../auth/user-directory.js';
import { AppError } from '../../errors/app-error.js';

const KEEP_MS = 5 * 60_000;
const MAX_KEPT = 10_000;
/** The name is for reading: the emergency stop must not wait for it while TradeCafe is slow. */
const PATIENCE_MS = 500;

/** What a signed-in person is called, so that two tabs of two people can be told apart. */
@Injectable()
export class PersonName {
  private readonly known = new LRUCache<string, string>({ max: MAX_KEPT, ttl: KEEP_MS });

  constructor(@Inject(USER_DIRECTORY) private readonly directory: UserDirectory) {}

  /** The name; the id where there is none, or it cannot be had in time. */
  async of(userId: string): Promise<string> {
    const known = this.known.get(userId);
    if (known !== undefined) return known;
    const given = this.ask(userId);
    const patience = new AbortController();
    const late = delay(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    const name = await Promise.race([given, late]).finally(() => patience.abort());
    return name ?? userId;
  }

  private async ask(userId: string): Promise<string | undefined> {
    try {
      const username = (await this.directory.describe(userId))?.username ?? undefined;
      if (username !== undefined) this.known.set(userId, username);
      return username;
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }
}
