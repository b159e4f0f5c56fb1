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
 * Builds the whole application, listening nowhere yet.
 * @throws when the database or a migration is not to be had; what was started by then is closed again
 */
export async function createApp(config: Config, logger: Logger): Promise<NestFastifyApplication> {
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
    // An OPTIONS of no browser is told the same, instead of a 400 in a form of the plugin's own.
    strictPreflight: false,
  });
  return app;
}

/**
 * Builds the whole application and listens on config.host and config.port.
 * @throws as createApp, and when the port is not to be had
 */
export async function startService(config: Config, logger = createLogger(config)): Promise<Service> {
  const app = await createApp(config, logger);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw listenError(error, config);
  }
  return { app, logger, close: () => closeWithin(app, logger) };
}

/** What the operating system says about a listener, in the words of the variables that choose it. */
function listenError(error: unknown, { host, port }: Config): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'EADDRINUSE') {
    return new Error(
      `PORT ${port} on ${host} is taken (EADDRINUSE): stop what listens there, or set PORT to another one.`,
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new Error(
      `HOST ${host} is no address of this machine (${code}): set HOST to one, e.g. 127.0.0.1 or 0.0.0.0.`,
    );
  }
  if (code === 'EACCES')
    return new Error(`PORT ${port} needs rights that this user lacks (EACCES): set a port above 1023.`);
  return error;
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
