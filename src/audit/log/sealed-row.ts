import type { AuditedValue } from '../redact.js';

/** A row of the log as it is sealed, exported and verified: names of columns, times in UTC, digests in hex. */
export interface SealedRow {
  readonly id: number;
  /** e.g. `2026-11-22T18:00:00.000Z` */
  readonly at: string;
  readonly user_id: string;
  readonly credential_kind: string;
  readonly credential_id: string;
  readonly credential_name: string | null;
  readonly client_id: string | null;
  readonly client_name: string | null;
  readonly transport: string;
  readonly operation: string;
  readonly arguments: Readonly<Record<string, AuditedValue>>;
  readonly outcome: string;
  readonly code: string | null;
  readonly duration_ms: number;
  readonly upstream_ms: number;
  readonly request_id: string;
  readonly trace_id: string | null;
  readonly address: string | null;
  readonly salt: string | null;
  readonly address_salt: string | null;
  readonly personal_digest: string | null;
  readonly address_digest: string | null;
}

/** SQL expression of a SealedRow as JSON, made of a row of audit_events called `e`. */
export const SEALED_ROW_SQL = `json_build_object(
  'id', e.id, 'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'user_id', e.user_id,
  'credential_kind', e.credential_kind, 'credential_id', e.credential_id, 'credential_name', e.credential_name,
  'client_id', e.client_id, 'client_name', e.client_name, 'transport', e.transport, 'operation', e.operation,
  'arguments', e.arguments, 'outcome', e.outcome, 'code', e.code, 'duration_ms', e.duration_ms,
  'upstream_ms', e.upstream_ms, 'request_id', e.request_id, 'trace_id', e.trace_id, 'address', e.address,
  'salt', e.salt, 'address_salt', e.address_salt, 'personal_digest', encode(e.personal_digest, 'hex'),
  'address_digest', encode(e.address_digest, 'hex'))`;

const TEXT = [
  'at',
  'user_id',
  'credential_kind',
  'credential_id',
  'transport',
  'operation',
  'outcome',
  'request_id',
] as const;
const TEXT_OR_NULL = [
  'credential_name',
  'client_id',
  'client_name',
  'code',
  'trace_id',
  'address',
  'salt',
  'address_salt',
  'personal_digest',
  'address_digest',
] as const;
const NUMBERS = ['id', 'duration_ms', 'upstream_ms'] as const;

/** @returns the row, when the value has all of its fields, each of its type */
export function sealedRowOf(value: unknown): SealedRow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const row = value as Record<string, unknown>;
  const args = row['arguments'];
  const fits =
    TEXT.every((name) => typeof row[name] === 'string') &&
    TEXT_OR_NULL.every((name) => row[name] === null || typeof row[name] === 'string') &&
    NUMBERS.every((name) => typeof row[name] === 'number') &&
    typeof args === 'object' &&
    args !== null;
  return fits ? (value as SealedRow) : undefined;
}
