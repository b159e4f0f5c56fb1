import { TokenCache } from '../auth/bearer/token-cache.js';
import { GrantService } from '../auth/oauth/grants/grant.service.js';
import { PatHash } from '../auth/pat/pat-hash.js';
import { PatService } from '../auth/pat/pat.service.js';
import type { Config } from '../config/config.js';
import { Notifications } from '../database/notifications.js';
import type { OpenDatabase } from '../database/open-database.js';
import { PrismaService } from '../database/prisma.service.js';
import type { Logger } from '../logging/logger.js';
import { reachDatabase } from './operator-database.js';
import { openUserDirectory } from './operator-user-directory.js';

/** What a user's clients come in with. */
export interface Credentials {
  readonly tokens: PatService;
  readonly grants: GrantService;
}

/**
 * Does something with the tokens and grants of the configured database and leaves everything as it was: beside a running server
 * its embedded database is used, without one it is started for as long as this takes. Running servers hear of
 * revocations from the database.
 */
export async function withCredentials<Result>(
  config: Config,
  logger: Logger,
  action: (credentials: Credentials) => Promise<Result>,
): Promise<Result> {
  const database = await reachDatabase(config);
  try {
    return await withConnections(config, logger, database, action);
  } finally {
    await database.stop();
  }
}

async function withConnections<Result>(
  config: Config,
  logger: Logger,
  database: OpenDatabase,
  action: (credentials: Credentials) => Promise<Result>,
): Promise<Result> {
  const prisma = new PrismaService(database);
  const users = openUserDirectory(config);
  try {
    // Not started: this process publishes and does not listen.
    const cache = new TokenCache(new Notifications(database, prisma, logger));
    const hash = new PatHash(config.secrets.tokenPepper);
    return await action({
      tokens: new PatService(prisma, hash, cache, users.directory),
      grants: new GrantService(prisma, cache),
    });
  } finally {
    await Promise.allSettled([users.close(), prisma.$disconnect()]);
  }
}
