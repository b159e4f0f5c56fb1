import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { PrismaService } from '../../database/prisma.service.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import { USER_DIRECTORY, type UserDirectory } from '../user-directory.js';

const CHECK_EVERY_MS = 24 * 60 * 60 * 1000;
/** How long an answer of TradeCafe, or its silence, is believed before it is asked again. */
const ANSWER_MS = 60_000;
/** How long a request waits for TradeCafe; the answer counts for the next one if it comes later. */
const PATIENCE_MS = 1_000;
const MAX_USERS = 10_000;

type Standing = 'known' | 'gone' | 'no_answer';

/** Once a day while a user's tokens are used: does TradeCafe still know this user? Its silence never locks anybody out. */
@Injectable()
export class UserStanding {
  private readonly answers = new LRUCache<string, Standing>({ max: MAX_USERS, ttl: ANSWER_MS });
  private readonly asking = new Map<string, Promise<Standing>>();

  constructor(
    @Inject(USER_DIRECTORY) private readonly directory: UserDirectory,
    private readonly prisma: PrismaService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param checkedAt when TradeCafe last confirmed this user */
  async isGone(userId: string, checkedAt: Date): Promise<boolean> {
    if (Date.now() - checkedAt.getTime() < CHECK_EVERY_MS) return false;
    const standing = this.answers.get(userId) ?? (await firstOf(this.ask(userId), PATIENCE_MS));
    return standing === 'gone';
  }

  private ask(userId: string): Promise<Standing> {
    const asked = this.asking.get(userId);
    if (asked !== undefined) return asked;
    const answer = this.answer(userId).finally(() => this.asking.delete(userId));
    this.asking.set(userId, answer);
    return answer;
  }

  private async answer(userId: string): Promise<Standing> {
    const standing = await this.standing(userId);
    this.answers.set(userId, standing);
    return standing;
  }

  private async standing(userId: string): Promise<Standing> {
    try {
      if ((await this.directory.describe(userId)) === undefined) return 'gone';
      await this.confirm(userId);
      return 'known';
    } catch (error) {
      this.logger.warn({ err: error, user_id: userId }, 'could not find out whether this user still exists');
      return 'no_answer';
    }
  }

  /** SKIP LOCKED: whoever revokes or spends one of these tokens right now is neither awaited nor deadlocked with. */
  private async confirm(userId: string): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE personal_access_tokens SET user_checked_at = now() WHERE id IN (
        SELECT id FROM personal_access_tokens WHERE user_id = ${userId} AND revoked_at IS NULL
        FOR NO KEY UPDATE SKIP LOCKED)`;
    await this.prisma.$executeRaw`
      UPDATE oauth_grants SET user_checked_at = now() WHERE id IN (
        SELECT id FROM oauth_grants WHERE user_id = ${userId} AND revoked_at IS NULL
        FOR NO KEY UPDATE SKIP LOCKED)`;
  }
}

async function firstOf(answer: Promise<Standing>, patienceMs: number): Promise<Standing> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Standing>((resolve) => {
    timer = setTimeout(resolve, patienceMs, 'no_answer');
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
