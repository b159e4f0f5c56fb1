import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Notifications } from './notifications.js';
import { DATABASE, type OpenDatabase, openDatabase } from './open-database.js';
import { PrismaService } from './prisma.service.js';

/** The opened database, Prisma and the notifications, for every room. Closed last: Nest ends global modules last. */
@Global()
@Module({
  providers: [
    { provide: DATABASE, inject: [CONFIG], useFactory: (config: Config) => openDatabase(config) },
    PrismaService,
    Notifications,
  ],
  exports: [DATABASE, PrismaService, Notifications],
})
export class DatabaseModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(DATABASE) private readonly database: OpenDatabase,
    private readonly prisma: PrismaService,
    private readonly notifications: Notifications,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.notifications.start();
  }

  async onApplicationShutdown(): Promise<void> {
    try {
      await this.notifications.stop();
      await this.prisma.$disconnect();
    } finally {
      await this.database.stop();
    }
  }
}
