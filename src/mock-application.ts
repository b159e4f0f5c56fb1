import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './app.js';
import { operatorOrigin } from './audit/account-action.js';
import { PatService } from './auth/pat/pat.service.js';
import type { WritePolicy } from './auth/principal.js';
import { ALL_SCOPES } from './auth/scopes.js';
import { DEMO_USER } from './config/demo.js';
import { loadConfig } from './config/load-config.js';
import { clusterDirectory } from './database/embedded/cluster.js';
import { stopOrphan } from './database/embedded/orphan.js';
import type { Logger } from './logging/logger.js';
import type { Fetch } from './mcp/stdio/backend/backend.js';
import { bearerFetch } from './mcp/stdio/backend/bearer-fetch.js';
import { inProcessFetch } from './mcp/stdio/backend/in-process-fetch.js';
import type { StartedApplication } from './mcp/stdio/backend/lazy-backend.js';
import { createScratchDirectory, sweepScratchDirectories } from './os/scratch-directory.js';

const PREFIX = 'tradecafe-stdio-';

/**
 * Starts the whole application without a listener for one stdio client: synthetic data, a database in a directory of its
 * own (so that any number of clients can have one each), nothing configured, nothing kept. First it removes what killed
 * ones left behind. The caller is the demo user with all scopes.
 */
export async function startMockApplication(writePolicy: WritePolicy, logger: Logger): Promise<StartedApplication> {
  await sweepScratchDirectories(PREFIX, (path) => stopOrphan(clusterDirectory(path)));
  const directory = await createScratchDirectory(PREFIX);
  try {
    // Not this process's environment: a DATABASE_URL or a PORT in it is meant for a server.
    const config = await loadConfig({ TRADECAFE_MODE: 'mock', PORT: '0', DATA_DIR: directory.path });
    const app = await createApp(config, logger);
    const close = (): Promise<void> => app.close().finally(() => directory.remove());
    try {
      return { fetch: await fetchAsDemoUser(app, writePolicy), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    directory.remove();
    throw error;
  }
}

async function fetchAsDemoUser(app: NestFastifyApplication, writePolicy: WritePolicy): Promise<Fetch> {
  await app.init();
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.ready();
  const tokens = app.get(PatService, { strict: false });
  const { token } = await tokens.create(operatorOrigin(DEMO_USER.id), {
    name: 'stdio',
    scopes: ALL_SCOPES,
    writePolicy,
  });
  return bearerFetch(inProcessFetch(fastify), token);
}
