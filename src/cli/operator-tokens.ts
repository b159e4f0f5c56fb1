import { TokenCache } from '../auth/bearer/token-cache.js';
import { PatHash } from '../auth/pat/pat-hash.js';
import { PatService } from '../auth/pat/pat.service.js';
import type { Config } from '../config/config.js';
import { Notifications } from '../database/notifications.js';
import type { OpenDatabase } from '../database/open-database.js';
import { PrismaService } from '../database/prisma.service.js';
import type { Logger } from '../logging/logger.js';
import { reachDatabase } from './operator-database.js';
import { openUserDirectory } from './operator-user-directory.js';

/**
 * Does something with the tokens of the configured database and leaves everything as it was: beside a running server
 * its embedded database is used, without one it is started for as long as this takes. Running servers hear of
 * revocations from the database.
 */
export async function withPatService<Result>(
  config: Config,
  logger: Logger,
  action: (tokens: PatService) => Promise<Result>,
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
  action: (tokens: PatService) => Promise<Result>,
): Promise<Result> {
  const prisma = new PrismaService(database);
  const users = openUserDirectory(config);
  try {
    // Not started: this process publishes and does not listen.
    const cache = new TokenCache(new Notifications(database, prisma, logger));
    return await action(new PatService(prisma, new PatHash(config.secrets.tokenPepper), cache, users.directory));
  } finally {
    await Promise.allSettled([users.close(), prisma.$disconnect()]);
  }
}
