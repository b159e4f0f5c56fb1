import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { AuditService } from './audit.service.js';

/** Not global: its distance to the root decides that its rows are flushed before the database goes away. */
@Module({
  imports: [DatabaseModule],
  providers: [AuditService],
  exports: [AuditService],
})
export class AuditModule {}
