import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../../database/prisma.service.js';
import { AppError } from '../../../errors/app-error.js';
import type { OauthGrant } from '../../../generated/prisma/client.js';
import { TokenCache } from '../../bearer/token-cache.js';

const MAX_LISTED = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What people allowed apps: lists and ends grants. */
@Injectable()
export class GrantService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly cache: TokenCache,
  ) {}

  /** The grants of a user that a token of an app still stands on, newest first. */
  list(userId: string): Promise<OauthGrant[]> {
    return this.prisma.$queryRaw<{ id: string }[]>`
      SELECT g.id FROM oauth_grants g
       WHERE g.user_id = ${userId} AND g.revoked_at IS NULL AND g.expires_at > now()
         AND EXISTS (SELECT FROM oauth_artifacts a WHERE a.grant_id = g.id AND a.expires_at > now()
                        AND a.model IN ('AccessToken', 'RefreshToken'))
       ORDER BY g.created_at DESC LIMIT ${MAX_LISTED}`.then((rows) =>
      this.prisma.oauthGrant.findMany({
        where: { id: { in: rows.map(({ id }) => id) } },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
      }),
    );
  }

  /**
   * Ends a user's grant everywhere at once; doing it twice is no error.
   * @throws AppError not_found, also for somebody else's
   */
  async revoke(userId: string, id: string): Promise<void> {
    if (!UUID.test(id)) throw new AppError('not_found');
    const where = { id: id.toLowerCase(), userId };
    await this.prisma.$transaction(async (transaction) => {
      const { count } = await transaction.oauthGrant.updateMany({
        where: { ...where, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      if (count > 0) await this.cache.evictEverywhere(`grant:${where.id}`, transaction);
      else if ((await transaction.oauthGrant.count({ where })) === 0) throw new AppError('not_found');
    });
    this.cache.evict(`grant:${where.id}`);
  }

  /** Ends all of a user's grants everywhere at once; returns how many were live. */
  async revokeAll(userId: string): Promise<number> {
    const count = await this.prisma.$transaction(async (transaction) => {
      const revoked = await transaction.oauthGrant.updateMany({
        where: { userId, revokedAt: null, expiresAt: { gt: new Date() } },
        data: { revokedAt: new Date() },
      });
      await this.cache.evictEverywhere(`user:${userId}`, transaction);
      return revoked.count;
    });
    this.cache.evict(`user:${userId}`);
    return count;
  }
}
