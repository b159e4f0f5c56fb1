import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CONFIG } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { Notifications } from '../../src/database/notifications.js';
import { DATABASE, type OpenDatabase } from '../../src/database/open-database.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import { LOGGER } from '../../src/logging/logger.js';
import { waitFor } from './support/wait.js';

const SOON_MS = 10_000;

/** A room that writes what it still has when the application ends. */
@Injectable()
class LastWriter implements OnApplicationShutdown {
  written = -1;

  constructor(private readonly prisma: PrismaService) {}

  async onApplicationShutdown(): Promise<void> {
    this.written = await this.prisma.auditEvent.count();
  }
}

describe('DatabaseModule', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'tradecafe-module-'));
  });

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('opens the embedded database, and closes it last and in order', async () => {
    const config = await loadConfig({ DATA_DIR: dataDir, PORT: '0' });
    const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };

    @Global()
    @Module({
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
      ],
      exports: [CONFIG, LOGGER],
    })
    class Basics {}

    @Module({ providers: [LastWriter] })
    class Room {}

    const app = await Test.createTestingModule({ imports: [Basics, DatabaseModule, Room] }).compile();
    await app.init();
    const notifications = app.get(Notifications);
    const prisma = app.get(PrismaService);
    const database = app.get<OpenDatabase>(DATABASE);
    await waitFor('the database to answer', () => prisma.ping(), SOON_MS);
    await waitFor('trust', () => notifications.trusted(), SOON_MS);

    const stopNotifications = jest.spyOn(notifications, 'stop');
    const disconnect = jest.spyOn(prisma, '$disconnect');
    const stopServer = jest.spyOn(database, 'stop');
    await app.close();
    const order = [stopNotifications, disconnect, stopServer].map((spy) => spy.mock.invocationCallOrder);
    expect(order.flat()).toEqual(order.flat().toSorted((a, b) => a - b));
    expect(order.map((calls) => calls.length)).toEqual([1, 1, 1]);
    expect(app.get(LastWriter).written).toBe(0);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    expect(logger.error).not.toHaveBeenCalled();
  });
});
