import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { PwaBeModule } from '../pwa-be/pwa-be.module.js';
import { SafetyModule } from '../safety/safety.module.js';
import { ApiRunner } from './api/api-runner.js';
import { CallLimiter } from './call-limiter.js';
import { CallPath } from './call-path.js';
import { CompletionRunner } from './completions/completion-runner.js';
import { LiveFeeds } from './live/live-feeds.js';
import { DEFAULT_LIVE_SETTINGS, LIVE_SETTINGS } from './live/live-settings.js';
import { StreamLog } from './live/stream-log.js';
import { UserPollers } from './live/user-pollers.js';
import { writeOperations } from './registry.js';
import { ResourceRunner } from './resources/resource-runner.js';
import { ToolRunner } from './tool-runner.js';

const SAFETY = SafetyModule.with(writeOperations);

@Module({
  imports: [AuditModule, AuthModule, PwaBeModule, SAFETY],
  providers: [
    { provide: LIVE_SETTINGS, useFactory: () => ({ ...DEFAULT_LIVE_SETTINGS }) },
    ApiRunner,
    CallLimiter,
    CallPath,
    CompletionRunner,
    LiveFeeds,
    ResourceRunner,
    StreamLog,
    ToolRunner,
    UserPollers,
  ],
  exports: [ApiRunner, CallLimiter, CompletionRunner, LiveFeeds, ResourceRunner, ToolRunner, SAFETY],
})
export class ToolsModule {}
