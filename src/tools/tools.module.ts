import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PwaBeModule } from '../pwa-be/pwa-be.module.js';
import { CallLimiter } from './call-limiter.js';
import { ToolRunner } from './tool-runner.js';

@Module({
  imports: [AuditModule, PwaBeModule],
  providers: [ToolRunner, CallLimiter],
  exports: [ToolRunner],
})
export class ToolsModule {}
