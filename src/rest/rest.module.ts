import { Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { FreezeController } from './freeze.controller.js';
import { HealthController } from './health.controller.js';
import { SessionController } from './session.controller.js';
import { TokensController } from './tokens.controller.js';
import { createValidationPipe } from './validation.js';

/** The REST gateway. */
@Module({
  imports: [AuthModule, ToolsModule],
  controllers: [FreezeController, HealthController, SessionController, TokensController],
  providers: [{ provide: APP_PIPE, useFactory: createValidationPipe }],
})
export class RestModule {}
