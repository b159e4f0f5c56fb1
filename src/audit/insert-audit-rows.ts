import type { PrismaService } from '../database/prisma.service.js';
import { Prisma } from '../generated/prisma/client.js';
import type { AuditRow } from './audit-row.js';

/** Rows of a statement whose answer was lost may stand there already; `after` is the last id known to stand before them. */
const unlessThere = (after: bigint): Prisma.Sql => Prisma.sql`
  WHERE NOT EXISTS (
    SELECT FROM audit_events AS known
    WHERE known.id > ${after} AND known.user_id = r.user_id AND known.request_id = r.request_id
      AND known.at = r.at AND known.operation = r.operation AND known.duration_ms = r.duration_ms
  )`;

/**
 * Inserts rows, in their order, in one statement of fixed text and one parameter. Prisma's createMany builds a statement
 * of 17 parameters a row: that cost some 500 µs of CPU a row where this costs some 20.
 * @param after given when the same rows may have been inserted before: those behind this id are left out
 * @returns the highest id inserted; null when all were there
 */
export async function insertAuditRows(
  prisma: PrismaService,
  rows: readonly AuditRow[],
  after?: bigint,
): Promise<bigint | null> {
  const [result] = await prisma.$queryRaw<{ last: bigint | null }[]>`
    WITH inserted AS (
      INSERT INTO audit_events (at, user_id, credential_kind, credential_id, credential_name, client_id, client_name,
        transport, operation, arguments, outcome, code, duration_ms, upstream_ms, request_id, trace_id, address)
      SELECT at, user_id, credential_kind, credential_id, credential_name, client_id, client_name,
        transport, operation, arguments, outcome, code, duration_ms, upstream_ms, request_id, trace_id, address
      FROM ROWS FROM (
        json_to_recordset(${JSON.stringify(rows)}::json) AS (at timestamptz(3), user_id text, credential_kind text,
          credential_id text, credential_name text, client_id text, client_name text, transport text, operation text,
          arguments jsonb, outcome text, code text, duration_ms float8, upstream_ms float8, request_id text,
          trace_id text, address text)
      ) WITH ORDINALITY AS r
      ${after === undefined ? Prisma.empty : unlessThere(after)}
      ORDER BY ordinality
      RETURNING id
    )
    SELECT max(id) AS last FROM inserted`;
  return result?.last ?? null;
}
