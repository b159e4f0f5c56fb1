import { Inject, Injectable } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { PrismaClient } from '../generated/prisma/client.js';
import { DATABASE, type OpenDatabase } from './open-database.js';

const POOL_SIZE = 10;
/**
 * For a connection, and for a turn at one of the pool: the driver knows one limit for both. A database that is away is
 * noticed at once, because its connections are refused; this is for a host that does not answer, and for a burst.
 */
export const CONNECT_TIMEOUT_MS = 3_000;
/** The server gives a statement up first; the client's own limit is for a server that does not answer at all. */
export const STATEMENT_TIMEOUT_MS = 4_000;
export const ANSWER_TIMEOUT_MS = 4_500;
const PING_TIMEOUT_MS = 800;

/** The database, through Prisma. Connects on first use; a connection that broke is replaced by the next query. */
@Injectable()
export class PrismaService extends PrismaClient {
  /** The same connections, for what Prisma has no words for. */
  readonly pool: Pool;

  constructor(@Inject(DATABASE) database: Pick<OpenDatabase, 'url'>) {
    const pool = new Pool({
      connectionString: database.url,
      application_name: 'tradecafe-mcp',
      max: POOL_SIZE,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    });
    // A connection that breaks while nobody uses it is replaced by the next use.
    pool.on('error', () => undefined);
    super({
      adapter: new PrismaPg(pool, { disposeExternalPool: true }),
      transactionOptions: { maxWait: CONNECT_TIMEOUT_MS, timeout: STATEMENT_TIMEOUT_MS },
    });
    this.pool = pool;
  }

  /** Whether the database answers, decided within 0.8 s even when it hangs. */
  async ping(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, PING_TIMEOUT_MS, false);
    });
    const answer = this.$queryRaw`SELECT 1`.then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
