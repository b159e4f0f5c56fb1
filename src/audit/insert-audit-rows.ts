import { Prisma } from '../generated/prisma/client.js';
import type { AuditRow } from './audit-row.js';
import { EVENT_COLUMN_TYPES, EVENT_COLUMNS } from './event-columns.js';

const COLUMNS = Prisma.raw(EVENT_COLUMNS.join(', '));
const FIELDS = Prisma.raw(EVENT_COLUMNS.map((name) => `${name} ${EVENT_COLUMN_TYPES[name]}`).join(', '));

/** Finds by the index on (user_id, at, id). */
const UNLESS_THERE = Prisma.sql`
  WHERE NOT EXISTS (
    SELECT FROM audit_events AS known
    WHERE known.user_id = r.user_id AND known.at = r.at AND known.request_id = r.request_id
      AND known.operation = r.operation AND known.duration_ms = r.duration_ms
  )`;

/**
 * Inserts rows, in their order, in one statement of fixed text and one parameter.
 * @param database the database, or the transaction that the rows belong to
 * @param again they may stand there already, because the answer to an earlier attempt was lost: those are left out
 */
export async function insertAuditRows(
  database: Pick<Prisma.TransactionClient, '$executeRaw'>,
  rows: readonly AuditRow[],
  again = false,
): Promise<void> {
  await database.$executeRaw`
    INSERT INTO audit_events (${COLUMNS})
    SELECT ${COLUMNS} FROM ROWS FROM (json_to_recordset(${JSON.stringify(rows)}::json) AS (${FIELDS}))
      WITH ORDINALITY AS r
    ${again ? UNLESS_THERE : Prisma.empty}
    ORDER BY ordinality`;
}
