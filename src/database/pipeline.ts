import { Inject, Injectable } from '@nestjs/common';
import { type Connection, Pool, type PoolConfig } from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { DATABASE, type OpenDatabase } from './open-database.js';
import { withConnection } from './pooled-connection.js';
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, STATEMENT_TIMEOUT_MS } from './prisma.service.js';

/** Besides Prisma's ten: as many first transactions of commits as run at a time. */
const POOL_SIZE = 4;
/** Longer than the driver's own ten seconds: a connection is some round trips in itself. */
const IDLE_MS = 60_000;

/**
 * Transactions in one round trip: all their statements are sent at once, and nobody waits in between, so that no lock is
 * ever held while this process does something else, or nothing (stopped, or slow). What a later statement does depends on
 * an earlier one in SQL alone.
 */
@Injectable()
export class Pipeline {
  private readonly pool: Pool;

  constructor(@Inject(DATABASE) database: Pick<OpenDatabase, 'url'>) {
    const config: PoolConfig & { readonly pipeline: true } = {
      connectionString: database.url,
      application_name: 'tradecafe-mcp commits',
      max: POOL_SIZE,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      pipeline: true,
    };
    this.pool = new Pool(config);
    // A connection that breaks while nobody uses it is replaced by the next use.
    this.pool.on('error', () => undefined);
  }

  /**
   * Runs statements, in their order, in one transaction; each sees what was committed before it began (READ COMMITTED:
   * a statement after one that waited for a lock sees what the holder of the lock did).
   * @returns the rows of the last statement, as node-postgres parses them
   * @throws the error of the first statement that fails; then everything is rolled back. A lost connection leaves open
   * whether it is, as it does with any COMMIT.
   */
  transaction<Row>(statements: readonly [Prisma.Sql, ...Prisma.Sql[]]): Promise<readonly Row[]> {
    return withConnection(this.pool, async (client) => {
      const { stream } = (client as unknown as { readonly connection: Connection }).connection;
      // The driver would write each of them by itself.
      stream.cork();
      const answers = [
        client.query('BEGIN ISOLATION LEVEL READ COMMITTED'),
        ...statements.map(({ text, values }) => client.query(text, values)),
        client.query('COMMIT'),
      ];
      stream.uncork();
      // The others fail because the first did, or with the connection.
      const results = await Promise.all(answers);
      if (results.at(-1)?.command !== 'COMMIT') throw new Error('the transaction was rolled back');
      return results.at(-2)!.rows as Row[];
    });
  }

  /** Lets what is under way end, then closes the connections. */
  async close(): Promise<void> {
    await this.pool.end();
  }
}
