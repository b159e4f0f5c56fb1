import { type DynamicModule, Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { USER_DIRECTORY } from './auth/user-directory.js';
import { CONFIG, type Config } from './config/config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HttpModule } from './http/http.module.js';
import type { Logger } from './logging/logger.js';
import { LoggingModule } from './logging/logging.module.js';
import { productMcp } from './mcp/product/product.module.js';
import { PWA_BE_ENDPOINT, type PwaBeEndpoint } from './pwa-be/pwa-be.endpoint.js';
import { PwaBeModule } from './pwa-be/pwa-be.module.js';
import { PwaBeUserDirectory } from './pwa-be/pwa-be-user-directory.js';
import { RestModule } from './rest/rest.module.js';
import { type Sandbox, startSandbox } from './sandbox/start-sandbox.js';
import { TelemetryModule } from './telemetry/telemetry.module.js';
import { ToolsModule } from './tools/tools.module.js';
import { WebModule } from './web/web.module.js';

/** The bundled stand-in, where it stands in: mock mode without an address of another one. */
@Injectable()
class BundledSandbox implements OnApplicationShutdown {
  constructor(readonly sandbox: Sandbox | undefined) {}

  async onApplicationShutdown(): Promise<void> {
    await this.sandbox?.stop();
  }
}

/** Where pwa-be is, and what the rooms below it need to know of it. */
@Global()
@Module({
  imports: [PwaBeModule],
  providers: [
    {
      provide: BundledSandbox,
      inject: [CONFIG],
      useFactory: async ({ mode, pwaBe, sandboxPort, secrets }: Config) =>
        new BundledSandbox(
          mode === 'mock' && pwaBe.baseUrl === undefined
            ? await startSandbox({ port: sandboxPort, jwtSecret: secrets.pwaBeJwtSecret })
            : undefined,
        ),
    },
    {
      provide: PWA_BE_ENDPOINT,
      inject: [CONFIG, BundledSandbox],
      useFactory: ({ pwaBe, secrets }: Config, { sandbox }: BundledSandbox): PwaBeEndpoint => ({
        // Configuration has made sure that one of the two is there.
        baseUrl: (sandbox?.baseUrl ?? pwaBe.baseUrl)!,
        jwtSecret: secrets.pwaBeJwtSecret,
        jwtClaims: pwaBe.jwtClaims,
        timeoutMs: pwaBe.timeoutMs,
        tls: pwaBe.tls,
      }),
    },
    { provide: USER_DIRECTORY, useExisting: PwaBeUserDirectory },
  ],
  exports: [PWA_BE_ENDPOINT, USER_DIRECTORY],
})
class UpstreamModule {}

/** Composition root: the only file that sees every room. */
@Module({})
export class AppModule {
  static with(config: Config, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        LoggingModule.with(logger),
        HttpModule,
        TelemetryModule,
        DatabaseModule,
        AuditModule,
        UpstreamModule,
        PwaBeModule,
        AuthModule,
        ToolsModule,
        productMcp,
        RestModule,
        WebModule,
      ],
    };
  }
}
