import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaService } from '../../database/prisma.service.js';
import { LOGGER, type Logger } from '../../logging/logger.js';

const EVERY_MS = 10 * 60 * 1000;
const BATCH = 1_000;

/**
 * Removes what nobody needs any more: expired rows, registrations that never led anywhere, grants without a token,
 * limits that are over.
 * Runs on every instance; a lock that ends with its transaction lets one of them work at a time.
 */
@Injectable()
export class OauthCleanup implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** One round. @returns how many rows were removed; none while another instance is at it */
  async sweep(): Promise<number> {
    return this.prisma.$transaction(async (transaction) => {
      const [lock] = await transaction.$queryRaw<{ mine: boolean }[]>`
        SELECT pg_try_advisory_xact_lock(hashtextextended('oauth:cleanup', 0)) AS mine`;
      if (lock?.mine !== true) return 0;
      // A day longer than it lives: who shows an expired token is told that it has expired.
      const expired = await transaction.$executeRaw`
        DELETE FROM oauth_artifacts WHERE (model, id) IN (
          SELECT model, id FROM oauth_artifacts WHERE expires_at < now() - interval '1 day'
           LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
      const unused = await transaction.$executeRaw`
        DELETE FROM oauth_artifacts a WHERE a.model = 'Client' AND a.created_at < now() - interval '1 day'
           AND NOT EXISTS (SELECT FROM oauth_grants g WHERE sha256(convert_to(g.client_id, 'UTF8')) = a.id)`;
      const bare = await transaction.$executeRaw`
        DELETE FROM oauth_grants WHERE id IN (
          SELECT g.id FROM oauth_grants g WHERE g.created_at < now() - interval '1 day'
             AND NOT EXISTS (SELECT FROM oauth_artifacts a WHERE a.grant_id = g.id)
           LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
      const counted = await transaction.$executeRaw`DELETE FROM rate_limits WHERE expires_at < now()`;
      return expired + unused + bare + counted;
    });
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // Not at once: a process that starts has better things to do.
      await sleep(EVERY_MS * (0.75 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.attempt();
    }
  }

  private async attempt(): Promise<void> {
    try {
      while ((await this.sweep()) >= BATCH);
    } catch (error) {
      this.logger.warn({ err: error }, 'expired OAuth rows could not be removed; the next round tries again');
    }
  }
}
