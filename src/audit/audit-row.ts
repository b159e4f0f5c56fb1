import type { ErrorCode } from '../errors/error-table.js';
import type { Prisma } from '../generated/prisma/client.js';
import { auditText, redactArguments } from './redact.js';

/** Whose call it was. Every principal fits. */
export interface AuditActor {
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

export type AuditRow = Prisma.AuditEventCreateManyInput;

/** The database row of an entry. */
export function toAuditRow(entry: AuditEntry, at: Date): AuditRow {
  const { actor } = entry;
  return {
    at,
    userId: actor.userId,
    credentialKind: actor.kind,
    credentialId: actor.credentialId,
    credentialName: optional(actor.credentialName),
    clientId: optional(actor.clientId),
    clientName: optional(entry.clientName),
    transport: entry.transport,
    operation: auditText(entry.operation),
    arguments: redactArguments(entry.args),
    outcome: entry.outcome,
    code: entry.code ?? null,
    durationMs: microseconds(entry.durationMs),
    upstreamMs: microseconds(entry.upstreamMs ?? 0),
    requestId: auditText(entry.requestId),
    traceId: optional(entry.traceId),
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
