import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { PwaBeModule } from '../pwa-be/pwa-be.module.js';
import { SafetyModule } from '../safety/safety.module.js';
import { CallLimiter } from './call-limiter.js';
import { writeOperations } from './registry.js';
import { ToolRunner } from './tool-runner.js';

const SAFETY = SafetyModule.with(writeOperations);

@Module({
  imports: [AuditModule, PwaBeModule, SAFETY],
  providers: [ToolRunner, CallLimiter],
  exports: [ToolRunner, SAFETY],
})
export class ToolsModule {}
