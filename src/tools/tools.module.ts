import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PwaBeModule } from '../pwa-be/pwa-be.module.js';
import { SafetyModule } from '../safety/safety.module.js';
import { ApiRunner } from './api/api-runner.js';
import { CallLimiter } from './call-limiter.js';
import { CallPath } from './call-path.js';
import { writeOperations } from './registry.js';
import { ToolRunner } from './tool-runner.js';

const SAFETY = SafetyModule.with(writeOperations);

@Module({
  imports: [AuditModule, PwaBeModule, SAFETY],
  providers: [ApiRunner, CallLimiter, CallPath, ToolRunner],
  exports: [ApiRunner, CallLimiter, ToolRunner, SAFETY],
})
export class ToolsModule {}
