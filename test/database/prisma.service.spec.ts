import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isDatabaseUnavailable } from '../../src/database/database-errors.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createTestDatabase, databaseUrl, type TestDatabase } from '../support/test-database.js';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.js';
import { waitFor } from './support/wait.js';

describe('PrismaService', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let prisma: PrismaService;

  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await startTcpProxy(database.url);
    prisma = new PrismaService(proxy);
  });

  afterEach(async () => {
    proxy.restore();
    await prisma.$disconnect();
    await proxy.close();
    await database.drop();
  });

  /** The error of a failing query, and how long it took to fail. */
  async function failure(query: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
    const start = performance.now();
    try {
      await query();
    } catch (error) {
      return { error, ms: performance.now() - start };
    }
    throw new Error('it did not fail');
  }

  const count = () => prisma.auditEvent.count();
  const raw = () => prisma.$queryRaw`SELECT 1`;
  const interactive = () => prisma.$transaction((transaction) => transaction.auditEvent.count());
  const batch = () => prisma.$transaction([prisma.auditEvent.count(), prisma.personalAccessToken.count()]);

  it.each([
    ['a query', count],
    ['raw SQL', raw],
    ['an interactive transaction', interactive],
    ['a batch transaction', batch],
  ])('fails fast and recognisably when the database is cut off: %s', async (_, query) => {
    await query();
    proxy.cut();
    for (let attempt = 0; attempt < 3; attempt++) {
      const { error, ms } = await failure(query);
      expect(isDatabaseUnavailable(error)).toBe(true);
      expect(ms).toBeLessThan(2_000);
    }
    proxy.restore();
    await waitFor(
      'recovery',
      () =>
        query().then(
          () => true,
          () => false,
        ),
      5_000,
    );
  });

  it('recognises a connection that breaks in the middle of a query', async () => {
    await count();
    const pending = failure(() => prisma.$queryRaw`SELECT pg_sleep(3)::text`);
    await waitFor('the query to run', async () => (await running(database.url)) > 0, 5_000);
    proxy.cut();
    expect(isDatabaseUnavailable((await pending).error)).toBe(true);
  });

  it('recognises a connection that breaks in the middle of a transaction', async () => {
    const { error } = await failure(() =>
      prisma.$transaction(async (transaction) => {
        await transaction.auditEvent.count();
        proxy.cut();
        await transaction.auditEvent.count();
      }),
    );
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it('recognises a server that ended its session', async () => {
    const { error } = await failure(() => prisma.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await count();
  });

  it('gives up a server that falls silent, in a query as in a connection', async () => {
    await count();
    proxy.freeze();
    const known = await failure(count);
    expect(isDatabaseUnavailable(known.error)).toBe(true);
    expect(known.ms).toBeLessThan(6_000);
  });

  it('lets no statement run on for ever', async () => {
    const { error, ms } = await failure(() => prisma.$queryRaw`SELECT pg_sleep(20)::text`);
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(ms).toBeLessThan(6_000);
  });

  it.each([
    ['no such user', (url: string) => Object.assign(new URL(url), { username: 'no_such_user' }).toString()],
    ['no such database', (url: string) => databaseUrl(url, 'no_such_database')],
    ['nobody listening', (url: string) => Object.assign(new URL(url), { host: '127.0.0.1:1' }).toString()],
    ['no such host', (url: string) => Object.assign(new URL(url), { host: 'no-such-host.invalid' }).toString()],
  ])('counts as away: %s', async (_, change) => {
    const client = new PrismaService({ url: change(database.url) });
    for (const query of [
      () => client.auditEvent.count(),
      () => client.$queryRaw`SELECT 1`,
      () => client.$transaction((t) => t.auditEvent.count()),
    ]) {
      expect(isDatabaseUnavailable((await failure(query)).error)).toBe(true);
    }
    await client.$disconnect();
  });

  it('does not call an answer of the database its absence', async () => {
    const token = { userId: '1', name: 'n', selector: 's', hint: 'h', secretHash: 'x', tag: new Uint8Array(8) };
    await prisma.personalAccessToken.create({ data: token });
    for (const query of [
      () => prisma.personalAccessToken.create({ data: token }),
      () => prisma.personalAccessToken.update({ where: { selector: 'none' }, data: { name: 'x' } }),
      () => prisma.personalAccessToken.findUnique({ where: { id: 'not a uuid' } }),
      () => prisma.$queryRaw`SELECT 1 / 0`,
      () => prisma.$queryRaw`SELECT * FROM no_such_table`,
      () => prisma.$executeRaw`SELECT syntax error`,
    ]) {
      expect(isDatabaseUnavailable((await failure(query)).error)).toBe(false);
    }
  });

  describe('ping', () => {
    it('is true while the database answers', async () => {
      expect(await prisma.ping()).toBe(true);
    });

    it.each(['cut', 'freeze'] as const)('is false within a second: %s', async (fault) => {
      await count();
      proxy[fault]();
      const start = performance.now();
      expect(await prisma.ping()).toBe(false);
      expect(performance.now() - start).toBeLessThan(1_000);
    });
  });
});

/** How many sleeping queries the server runs. */
async function running(url: string): Promise<number> {
  const observer = new PrismaService({ url });
  const rows = await observer.$queryRaw<{ n: number }[]>`
    SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
  await observer.$disconnect();
  return rows[0]?.n ?? 0;
}
