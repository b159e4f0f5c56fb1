import { Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { HealthController } from './health.controller.js';
import { SessionController } from './session.controller.js';
import { TokensController } from './tokens.controller.js';
import { createValidationPipe } from './validation.js';

/** The REST gateway. */
@Module({
  imports: [AuthModule],
  controllers: [HealthController, SessionController, TokensController],
  providers: [{ provide: APP_PIPE, useFactory: createValidationPipe }],
})
export class RestModule {}
