import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Notifications } from '../../src/database/notifications.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.js';
import { waitFor } from './support/wait.js';

const SOON_MS = 5_000;
const NOTICED_MS = 2_000;

describe('Notifications', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let prisma: PrismaService;
  let notifications: Notifications;
  const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };

  beforeEach(async () => {
    jest.clearAllMocks();
    database = await createTestDatabase();
    proxy = await startTcpProxy(database.url);
    prisma = new PrismaService(database);
    notifications = new Notifications(proxy, prisma, logger);
  });

  afterEach(async () => {
    await notifications.stop();
    await prisma.$disconnect();
    await proxy.close();
    await database.drop();
  });

  /** Subscribes and collects. */
  function received(channel: string): string[] {
    const payloads: string[] = [];
    notifications.subscribe(channel, (payload) => payloads.push(payload));
    return payloads;
  }

  async function arrives(payloads: string[], channel: string, payload: string): Promise<void> {
    await notifications.publish(channel, payload);
    await waitFor(`${payload} on ${channel}`, () => payloads.includes(payload), SOON_MS);
  }

  it('delivers what is published, to its channel, also where names need quoting', async () => {
    const early = received('Token-"revoked"');
    await notifications.start();
    const late = received('other');
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    await arrives(early, 'Token-"revoked"', 'one');
    await arrives(late, 'other', 'two');
    await arrives(late, 'other', '');
    expect(early).toEqual(['one']);
    expect(late).toEqual(['two', '']);
  });

  it('delivers to other instances', async () => {
    const other = new Notifications(database, prisma, logger);
    await Promise.all([notifications.start(), other.start()]);
    const payloads = received('c');
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    await other.publish('c', 'from the other');
    await waitFor('delivery', () => payloads.length === 1, SOON_MS);
    await other.stop();
  });

  it('sends what a transaction publishes when it commits, and only then', async () => {
    await notifications.start();
    const payloads = received('c');
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    await expect(
      prisma.$transaction(async (transaction) => {
        await notifications.publish('c', 'rolled back', transaction);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await prisma.$transaction((transaction) => notifications.publish('c', 'committed', transaction));
    await waitFor('delivery', () => payloads.length > 0, SOON_MS);
    expect(payloads).toEqual(['committed']);
  });

  it('ends a subscription, and begins it again', async () => {
    await notifications.start();
    const first: string[] = [];
    const unsubscribe = notifications.subscribe('c', (payload) => first.push(payload));
    unsubscribe();
    const second = received('c');
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    await arrives(second, 'c', 'x');
    expect(first).toEqual([]);
  });

  it('goes on when a handler throws', async () => {
    await notifications.start();
    notifications.subscribe('c', () => {
      throw new Error('handler');
    });
    const payloads = received('c');
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    await arrives(payloads, 'c', 'x');
    expect(logger.error).toHaveBeenCalledTimes(1);
  });

  it('is not trusted before it has started, nor while a subscription is unconfirmed', async () => {
    expect(notifications.trusted()).toBe(false);
    await notifications.start();
    expect(notifications.trusted()).toBe(true);
    received('c');
    expect(notifications.trusted()).toBe(false);
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
  });

  it('stays trusted while nothing happens', async () => {
    await notifications.start();
    const start = performance.now();
    await waitFor('3.5 s of trust', () => !notifications.trusted() || performance.now() - start > 3_500, SOON_MS);
    expect(notifications.trusted()).toBe(true);
  });

  it('is distrusted when the connection is cut; caches are reset before it is trusted again', async () => {
    const payloads = received('c');
    await notifications.start();
    const trustAtReset: boolean[] = [];
    notifications.onReset(() => trustAtReset.push(notifications.trusted()));
    proxy.cut();
    expect(await waitFor('distrust', () => !notifications.trusted(), SOON_MS)).toBeLessThan(NOTICED_MS);
    await notifications.publish('c', 'lost');
    expect(trustAtReset).toEqual([]);
    proxy.restore();
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    expect(trustAtReset).toEqual([false]);
    await arrives(payloads, 'c', 'after');
    expect(payloads).toEqual(['after']);
  });

  it('is distrusted within two seconds when the other side falls silent, and comes back', async () => {
    const payloads = received('c');
    await notifications.start();
    const onReset = jest.fn();
    notifications.onReset(onReset);
    proxy.freeze();
    expect(await waitFor('distrust', () => !notifications.trusted(), SOON_MS)).toBeLessThan(NOTICED_MS + 50);
    proxy.restore();
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    expect(onReset).toHaveBeenCalledTimes(1);
    await arrives(payloads, 'c', 'after');
  });

  it('survives a stall of this process without losing the connection', async () => {
    // Directly: the proxy would have stalled as well.
    notifications = new Notifications(database, prisma, logger);
    await notifications.start();
    // Sent in this very tick: when the stall ends, the time for its answer is over and the answer lies in the socket.
    received('c');
    const end = performance.now() + 2_500;
    while (performance.now() < end);
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('starts while the database is away, and finds it later', async () => {
    proxy.cut();
    await notifications.start();
    expect(notifications.trusted()).toBe(false);
    const payloads = received('c');
    proxy.restore();
    await waitFor('trust', () => notifications.trusted(), SOON_MS);
    await arrives(payloads, 'c', 'x');
  });

  it('stops at once, also while the other side is silent', async () => {
    await notifications.start();
    proxy.freeze();
    const start = performance.now();
    await notifications.stop();
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(notifications.trusted()).toBe(false);
  });
});
