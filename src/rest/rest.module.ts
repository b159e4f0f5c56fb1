import { Global, Module } from '@nestjs/common';
import { APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { API_REFERENCE } from '../http/api-reference.js';
import { ToolsModule } from '../tools/tools.module.js';
import { Answers } from './answers.js';
import { ActivityController } from './activity.controller.js';
import { ApiController } from './api/api.controller.js';
import { ApiEndpoint } from './api/api-endpoint.js';
import { AppsController } from './apps.controller.js';
import { FreezeController } from './freeze.controller.js';
import { HealthController } from './health.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OpenApiDocument } from './openapi/openapi.document.js';
import { SessionController } from './session.controller.js';
import { TokensController } from './tokens.controller.js';
import { ToolEndpoint } from './v1/tool-endpoint.js';
import { ToolsController } from './v1/tools.controller.js';
import { BodyValidation } from './validation.js';

/** The REST gateway. Global for the sake of API_REFERENCE, which pages show. */
@Global()
@Module({
  imports: [AuditModule, AuthModule, DiscoveryModule, ToolsModule],
  controllers: [
    ActivityController,
    ApiController,
    AppsController,
    FreezeController,
    HealthController,
    OpenApiController,
    SessionController,
    TokensController,
    ToolsController,
  ],
  providers: [
    { provide: API_REFERENCE, useExisting: OpenApiDocument },
    { provide: APP_PIPE, useClass: BodyValidation },
    Answers,
    ApiEndpoint,
    OpenApiDocument,
    ToolEndpoint,
  ],
  exports: [API_REFERENCE],
})
export class RestModule {}
