import { type AuditEntry, toAuditRow } from '../audit/audit-row.js';
import { Prisma } from '../generated/prisma/client.js';
import type { WriteOrigin } from './write-call.js';

/** `intent`: written before anything is sent; the other three as everywhere. */
type LedgerOutcome = AuditEntry['outcome'] | 'intent';

export interface LedgerEvent {
  readonly origin: Omit<WriteOrigin, 'principal' | 'startedAt'> & { readonly actor: AuditEntry['actor'] };
  readonly outcome: LedgerOutcome;
  readonly code?: AuditEntry['code'];
  readonly durationMs: number;
  readonly upstreamMs: number;
}

/** The event's origin of a call. */
export function originOf({ principal, startedAt: _startedAt, ...origin }: WriteOrigin): LedgerEvent['origin'] {
  return { ...origin, actor: principal };
}

/**
 * An audit row that is written by the very statement that changes the ledger: both or neither.
 * @param from a relation of that statement with one row for each audit row, whose `id` is the commit's
 */
export function insertEvent(event: LedgerEvent, from: Prisma.Sql): Prisma.Sql {
  const { outcome, origin, ...rest } = event;
  const row = toAuditRow({ ...origin, ...rest, outcome: outcome === 'intent' ? 'ok' : outcome }, new Date());
  return Prisma.sql`
    INSERT INTO audit_events (at, user_id, credential_kind, credential_id, credential_name, client_id, client_name,
        transport, operation, arguments, outcome, code, duration_ms, upstream_ms, request_id, trace_id, address)
    SELECT clock_timestamp(), ${row.user_id}::text, ${row.credential_kind}::text, ${row.credential_id}::text,
        ${row.credential_name}::text, ${row.client_id}::text, ${row.client_name}::text, ${row.transport}::text,
        ${row.operation}::text, ${JSON.stringify(row.arguments)}::jsonb || jsonb_build_object('commit_id', ${from}.id),
        ${outcome}::text, ${row.code}::text, ${row.duration_ms}::float8, ${row.upstream_ms}::float8,
        ${row.request_id}::text, ${row.trace_id}::text, ${row.address}::text
      FROM ${from}`;
}
