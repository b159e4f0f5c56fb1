import { Injectable } from '@nestjs/common';
import { type AuditOrigin, recordAction, recordingRefusal } from '../../../audit/account-action.js';
import { PrismaService } from '../../../database/prisma.service.js';
import { AppError } from '../../../errors/app-error.js';
import type { OauthGrant } from '../../../generated/prisma/client.js';
import { TokenCache } from '../../bearer/token-cache.js';
import { isGrantId } from './grant.store.js';

const MAX_LISTED = 200;

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

  /** A grant that this user has ended; undefined: nobody has, it is somebody else's, or there is none. */
  async findRevoked(userId: string, id: string): Promise<OauthGrant | undefined> {
    if (!isGrantId(id)) return undefined;
    const where = { id: id.toLowerCase(), userId, revokedAt: { not: null } };
    return (await this.prisma.oauthGrant.findFirst({ where })) ?? undefined;
  }

  /**
   * Ends a user's grant everywhere at once; doing it twice is no error.
   * @throws AppError not_found, also for somebody else's
   */
  async revoke(by: AuditOrigin, id: string): Promise<void> {
    await recordingRefusal(this.prisma, by, 'app.end', {}, () => this.end(by, id.toLowerCase()));
  }

  /** Ends all of a user's grants everywhere at once; returns how many were live. */
  async revokeAll(by: AuditOrigin): Promise<number> {
    const { userId } = by.actor;
    const count = await this.prisma.$transaction(async (transaction) => {
      const revoked = await transaction.oauthGrant.updateMany({
        where: { userId, revokedAt: null, expiresAt: { gt: new Date() } },
        data: { revokedAt: new Date() },
      });
      await this.cache.evictEverywhere(`user:${userId}`, transaction);
      await recordAction(transaction, by, 'app.end_all', { count: revoked.count });
      return revoked.count;
    });
    this.cache.evict(`user:${userId}`);
    return count;
  }

  private async end(by: AuditOrigin, id: string): Promise<void> {
    if (!isGrantId(id)) throw new AppError('not_found');
    const where = { id, userId: by.actor.userId };
    await this.prisma.$transaction(async (transaction) => {
      const [ended] = await transaction.oauthGrant.updateManyAndReturn({
        where: { ...where, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      if (ended === undefined) {
        if ((await transaction.oauthGrant.count({ where })) === 0) throw new AppError('not_found');
        return;
      }
      await this.cache.evictEverywhere(`grant:${id}`, transaction);
      await recordAction(transaction, by, 'app.end', { grant_id: id, app_name: ended.clientName });
    });
    this.cache.evict(`grant:${id}`);
  }
}
