import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseModule } from '../database/database.module.js';
import { ActivityService } from './activity.service.js';
import { AuditService } from './audit.service.js';
import { CheckpointSink } from './log/checkpoint-sink.js';
import { ErasurePermits } from './log/erasure-permits.js';
import { Pruner } from './log/pruner.js';
import { Retention } from './log/retention.js';
import { RowChecker } from './log/row-check.js';
import { Sealer, SIGNING_KEY } from './log/sealer.js';
import { signingKey } from './log/signing-key.js';

/** Not global: its distance to the root decides that its rows are flushed before the database goes away. */
@Module({
  imports: [DatabaseModule],
  providers: [
    {
      provide: SIGNING_KEY,
      inject: [CONFIG],
      useFactory: ({ secrets }: Config) => signingKey(secrets.auditSigningKey),
    },
    ActivityService,
    AuditService,
    CheckpointSink,
    ErasurePermits,
    Pruner,
    Retention,
    RowChecker,
    Sealer,
  ],
  exports: [ActivityService, AuditService, RowChecker],
})
export class AuditModule {}
