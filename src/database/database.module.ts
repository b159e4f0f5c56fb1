import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Notifications } from './notifications.js';
import { DATABASE, type OpenDatabase, openDatabase } from './open-database.js';
import { Pipeline } from './pipeline.js';
import { PrismaService } from './prisma.service.js';

/** The opened database, Prisma and the notifications, for every room. Closed last: Nest ends global modules last. */
@Global()
@Module({
  providers: [
    { provide: DATABASE, inject: [CONFIG], useFactory: (config: Config) => openDatabase(config) },
    PrismaService,
    Pipeline,
    Notifications,
  ],
  exports: [DATABASE, PrismaService, Pipeline, Notifications],
})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(DATABASE) private readonly database: OpenDatabase,
    private readonly prisma: PrismaService,
    private readonly pipeline: Pipeline,
    private readonly notifications: Notifications,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.notifications.start();
  }

  async onApplicationShutdown(): Promise<void> {
    try {
      await this.notifications.stop();
      await this.pipeline.close();
      await this.prisma.$disconnect();
    } finally {
      await this.database.stop();
    }
  }
}
