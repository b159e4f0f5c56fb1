import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { createAdapter } from './http/fastify.js';
import { createLogger, type Logger } from './logging/logger.js';
import { NestLogger } from './logging/nest-logger.js';

/** Longest wait for requests in flight when the process is told to go. A whole call ends within 8 s. */
const DRAIN_MS = 12_000;

/** A running service. */
export interface Service {
  readonly app: NestFastifyApplication;
  readonly logger: Logger;
  /** Lets requests in flight finish, then closes upstream connections, database and embedded server, in that order. */
  close(): Promise<void>;
}

/**
 * Builds the whole application and listens on config.host and config.port.
 * @throws when the database, a migration or the port is not to be had; what was started by then is closed again
 */
export async function startService(config: Config, logger = createLogger(config)): Promise<Service> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, logger),
    createAdapter(config, logger),
    {
      logger: new NestLogger(logger),
      // A failure to start is the caller's to report; Nest would end the process.
      abortOnError: false,
    },
  );
  app.enableCors({
    origin: [...config.allowedOrigins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: [
      'ETag',
      'Mcp-Session-Id',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'TradeCafe-Mode',
      'WWW-Authenticate',
      'X-Request-Id',
    ],
    maxAge: 600,
  });
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, logger, close: () => closeWithin(app, logger) };
}

async function closeWithin(app: NestFastifyApplication, logger: Logger): Promise<void> {
  const late = setTimeout(() => {
    logger.warn('requests are still running; their connections are cut');
    app.getHttpServer().closeAllConnections();
  }, DRAIN_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(late);
  }
}
