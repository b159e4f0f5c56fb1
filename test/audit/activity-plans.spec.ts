import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Client, type PoolClient } from 'pg';
import { type ActivityFilter, ActivityService } from '../../src/audit/activity.service.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Of one person; AUDIT_ROWS=1000000 for the size that the goal names. */
const ROWS = Number(process.env.AUDIT_ROWS ?? 60_000);
const PAGE = 50;
/**
 * By time a page costs PAGE ÷ s rows, by value ROWS × s, with a share s of rows that match: the better one of the two is
 * at most the root of PAGE × ROWS. The planner goes by estimates of costs, hence the factor.
 */
const MOST = 4 * Math.sqrt(PAGE * ROWS);

const GENERATE = `
  INSERT INTO audit_events (at, user_id, credential_kind, credential_id, client_id, transport, operation, arguments,
      outcome, code, duration_ms, upstream_ms, request_id)
  SELECT timestamptz '2026-01-01' + make_interval(secs => i), CASE WHEN i % 7 = 0 THEN 'usr_other' ELSE 'usr_1' END,
    CASE WHEN i = 5 THEN 'oauth' ELSE 'pat' END,
    CASE WHEN i IN (3, 4) THEN 'rare' WHEN i = 5 THEN 'grant' WHEN i % 101 = 0 THEN 'medium' ELSE 'frequent' END,
    CASE WHEN i IN (8, 9) THEN 'client' END, 'mcp',
    CASE WHEN i IN (10, 11) THEN 'close_position' WHEN i % 97 = 0 THEN 'get_pool_status' ELSE 'get_positions' END, '{}',
    CASE WHEN i = 12 THEN 'denied' WHEN i % 89 = 0 THEN 'error' ELSE 'ok' END, NULL, 1, 1, i::text
  FROM generate_series(1, $1::int) AS i`;

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}

let database: TestDatabase;
let prisma: PrismaService;
let activity: ActivityService;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  prisma = new PrismaService({ url: database.url });
  activity = new ActivityService(prisma);
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(GENERATE, [ROWS]);
  await client.query('VACUUM ANALYZE audit_events');
}, 600_000);
afterAll(async () => {
  await client?.end();
  await prisma?.$disconnect();
  await database?.drop();
});

/** What the service asks the database for a page. */
async function statementOf(filter: ActivityFilter, cursor?: string): Promise<Statement> {
  const connect = prisma.pool.connect.bind(prisma.pool) as () => Promise<PoolClient>;
  const probe = await connect();
  const query = jest.spyOn(Object.getPrototypeOf(probe) as Client, 'query');
  probe.release();
  try {
    await activity.page('usr_1', filter, PAGE, cursor);
    const sent = query.mock.calls.map(([config]) => config as unknown as Statement);
    return sent.find(({ text }) => text?.includes('audit_events'))!;
  } finally {
    query.mockRestore();
  }
}

/** Rows that the scans of a plan looked at. */
function visited(plan: Plan): number {
  const own = plan['Node Type'].endsWith('Scan')
    ? plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0)
    : 0;
  return own * plan['Actual Loops'] + (plan.Plans ?? []).reduce((sum, child) => sum + visited(child), 0);
}

it.each<[string, ActivityFilter, expected: number]>([
  ['nothing', {}, PAGE],
  ['a token of two calls', { token: 'rare' }, 2],
  ['a token of one call in a hundred', { token: 'medium' }, PAGE],
  ['a token of nearly all calls', { token: 'frequent' }, PAGE],
  ['a token of none', { token: 'nobody' }, 0],
  ['a grant', { app: 'grant' }, 1],
  ['an OAuth client', { app: 'client' }, 2],
  ['an app of none', { app: 'nobody' }, 0],
  ['a tool of two calls', { operations: ['close_position', 'PUT /api/trade/close/:id'] }, 2],
  ['a tool of one call in a hundred', { operations: ['get_pool_status', 'GET /api/staking/client'] }, PAGE],
  ['a tool of nearly all calls', { operations: ['get_positions', 'GET /api/trade/active'] }, PAGE],
  ['a tool of none', { operations: ['get_pnl_history'] }, 0],
  ['an outcome of one call', { outcome: 'denied' }, 1],
  ['an outcome of one call in a hundred', { outcome: 'error' }, PAGE],
  ['an outcome of none', { outcome: 'intent' }, 0],
  ['a rare outcome in a time', { outcome: 'denied', since: new Date('2026-01-01'), until: new Date('2026-01-02') }, 1],
  ['a time of none', { until: new Date('2020-01-01') }, 0],
])('a page by %s does not read the whole log of a person', async (_, filter, expected) => {
  const page = await activity.page('usr_1', filter, PAGE);
  expect(page!.events).toHaveLength(expected);
  const { text, values } = await statementOf(filter);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
    values,
  );
  const [{ Plan: plan }] = rows[0]!['QUERY PLAN'];
  if (process.env.AUDIT_PLANS !== undefined) process.stderr.write(`${_}: ${visited(plan)} rows\n`);
  expect(visited(plan)).toBeLessThan(MOST);
});

it('nor does a page far back', async () => {
  const cursor = Buffer.from(`${Date.UTC(2026, 0, 1) + 2_000_000}.2000`).toString('base64url');
  const { text, values } = await statementOf({}, cursor);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
    values,
  );
  expect(visited(rows[0]!['QUERY PLAN'][0].Plan)).toBeLessThan(2 * PAGE);
});
