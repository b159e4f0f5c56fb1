import type { ErrorCode } from '../errors/error-table.js';
import type { EventColumn } from './event-columns.js';
import { type AuditedValue, auditText, redactArguments, redactDetails } from './redact.js';

/** Whose call it was. Every principal fits. */
interface AuditActor {
  readonly userId: string;
  readonly kind: string;
  readonly credentialId: string;
  readonly credentialName: string | null;
  readonly clientId?: string;
}

/** One call that reached a principal. Arguments and foreign text come as they are: they are redacted here. */
export interface AuditEntry {
  readonly actor: AuditActor;
  readonly transport: string;
  /** Tool name, or the route of a call that is no tool. */
  readonly operation: string;
  readonly args?: unknown;
  /** Instead of arguments: names of ours, with values that say what it was about. */
  readonly details?: Readonly<Record<string, AuditedValue>>;
  /** `denied`: we refused; `error`: it was allowed and failed. */
  readonly outcome: 'ok' | 'error' | 'denied';
  readonly code?: ErrorCode;
  readonly durationMs: number;
  /** Of that, spent waiting for pwa-be. */
  readonly upstreamMs?: number;
  readonly requestId: string;
  readonly traceId?: string;
  /** What the client calls itself; proves nothing. */
  readonly clientName?: string;
  readonly address?: string;
}

/** A row of `audit_events`, by the names of its columns. */
export interface AuditRow extends Record<EventColumn, unknown> {
  readonly at: Date;
  readonly user_id: string;
  readonly credential_kind: string;
  readonly credential_id: string;
  readonly credential_name: string | null;
  readonly client_id: string | null;
  readonly client_name: string | null;
  readonly transport: string;
  readonly operation: string;
  readonly arguments: Record<string, AuditedValue>;
  readonly outcome: AuditEntry['outcome'];
  readonly code: ErrorCode | null;
  readonly duration_ms: number;
  readonly upstream_ms: number;
  readonly request_id: string;
  readonly trace_id: string | null;
  readonly address: string | null;
}

/** The database row of an entry. */
export function toAuditRow(entry: AuditEntry, at: Date): AuditRow {
  const { actor } = entry;
  return {
    at,
    // Never altered, unlike all foreign text: who is who decides whose log a row stands in.
    user_id: actor.userId,
    credential_kind: actor.kind,
    credential_id: actor.credentialId,
    credential_name: optional(actor.credentialName),
    client_id: optional(actor.clientId),
    client_name: optional(entry.clientName),
    transport: entry.transport,
    operation: auditText(entry.operation),
    arguments: entry.details === undefined ? redactArguments(entry.args) : redactDetails(entry.details),
    outcome: entry.outcome,
    code: entry.code ?? null,
    duration_ms: microseconds(entry.durationMs),
    upstream_ms: microseconds(entry.upstreamMs ?? 0),
    request_id: auditText(entry.requestId),
    trace_id: optional(entry.traceId),
    address: optional(entry.address),
  };
}

function optional(value: string | null | undefined): string | null {
  return value === null || value === undefined ? null : auditText(value);
}

/** Milliseconds, to the microsecond: more is noise. */
function microseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
