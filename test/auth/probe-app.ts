import { Body, Controller, Get, Global, Module, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Access } from '../../src/auth/access.decorator.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { PatService } from '../../src/auth/pat/pat.service.js';
import type { Principal } from '../../src/auth/principal.js';
import { CurrentPrincipal, CurrentSession } from '../../src/auth/request-identity.js';
import type { CurrentSession as Session } from '../../src/auth/session/session.js';
import { mintSession } from '../../src/auth/session/session-token.js';
import { USER_DIRECTORY } from '../../src/auth/user-directory.js';
import type { Config } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { createAdapter } from '../../src/http/fastify.js';
import { HttpModule } from '../../src/http/http.module.js';
import { LoggingModule } from '../../src/logging/logging.module.js';
import { testLogger } from '../support/run-logs/run-logs.js';

/** One route for each way to declare access, and one that declares none. */
@Controller('probe')
class ProbeController {
  @Get('public')
  @Access('public')
  open(): object {
    return { passed: true };
  }

  @Post('mcp')
  @Access({ bearer: 'mcp' })
  mcp(@CurrentPrincipal() { userId, kind }: Principal): object {
    return { userId, kind };
  }

  @Get('v1')
  @Access({ bearer: 'v1' })
  v1(@CurrentPrincipal() { userId, kind }: Principal): object {
    return { userId, kind };
  }

  @Get('session')
  @Access('session')
  session(@CurrentSession() { userId, csrfToken }: Session): object {
    return { userId, csrfToken };
  }

  @Post('csrf')
  @Access('session+csrf')
  csrf(@CurrentSession() { userId }: Session, @Body() body: object): object {
    return { userId, body };
  }

  @Get('undeclared')
  undeclared(): object {
    return { passed: true };
  }
}

@Global()
@Module({
  providers: [{ provide: USER_DIRECTORY, useValue: { describe: () => Promise.resolve({ username: 'somebody' }) } }],
  exports: [USER_DIRECTORY],
})
class DirectoryModule {}

/** The guard in front of real routes on a real listener, without the rooms above it. */
export interface ProbeApp {
  readonly url: string;
  readonly config: Config;
  readonly tokens: PatService;
  /** The site's cookie for a user, as a Cookie header. */
  cookie(userId: string): Promise<string>;
  close(): Promise<void>;
}

export async function startProbeApp(databaseUrl: string): Promise<ProbeApp> {
  const config = await loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    TRADECAFE_MODE: 'mock',
    TOKEN_PEPPER: 'test-pepper-of-the-token-hashes-000000001',
    AUDIT_SIGNING_KEY: 'dGVzdC1rZXktb2YtdGhlLWF1ZGl0LWxvZy0wMDAwMDE=',
    PWA_BE_JWT_SECRET: 'test-secret-of-the-pwa-be-user-tokens-0001',
    SESSION_JWT_SECRET: 'test-secret-of-the-site-session-cookie-0001',
    LOG_LEVEL: 'silent',
  });
  const logger = testLogger();
  const module = await Test.createTestingModule({
    imports: [
      ConfigModule.with(config),
      LoggingModule.with(logger),
      HttpModule,
      DatabaseModule,
      DirectoryModule,
      AuthModule,
    ],
    controllers: [ProbeController],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(createAdapter(config, logger), { logger: false });
  await app.listen(config.port, config.host);
  return {
    url: `http://127.0.0.1:${config.port}`,
    config,
    tokens: app.get(PatService),
    cookie: async (userId) => `auth=${await mintSession(userId, config.secrets.sessionJwtSecret, 600)}`,
    close: () => app.close(),
  };
}
