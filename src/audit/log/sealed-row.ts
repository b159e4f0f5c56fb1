import { type EventColumn, EVENT_COLUMNS } from '../event-columns.js';
import type { AuditedValue } from '../redact.js';

/** A row of the log as it is sealed, exported and verified: names of columns, times in UTC, digests in hex. */
export interface SealedRow extends Record<EventColumn, unknown> {
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

/** Where the values of a SealedRow come from in a row of audit_events called `e`, in the order of the values. */
const VALUES: Readonly<Record<keyof SealedRow, string>> = {
  id: 'e.id',
  ...(Object.fromEntries(EVENT_COLUMNS.map((name) => [name, `e.${name}`])) as Record<EventColumn, string>),
  at: `to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  salt: 'e.salt',
  address_salt: 'e.address_salt',
  personal_digest: `encode(e.personal_digest, 'hex')`,
  address_digest: `encode(e.address_digest, 'hex')`,
};

/** Columns of a SealedRow, in their order. */
const NAMES = Object.keys(VALUES) as readonly (keyof SealedRow)[];

/** The columns of a SealedRow, made of a row of audit_events called `e`. */
export const SEALED_ROW_COLUMNS = Object.values(VALUES).join(', ');

/** The same as one JSON array: with names it would be twice as much to send and to parse. */
export const SEALED_ROW_JSON = `json_build_array(${SEALED_ROW_COLUMNS})`;

/** Values of SEALED_ROW_COLUMNS, as JSON has them or as COPY writes them. */
export type SealedRowValues = readonly (SealedRow[keyof SealedRow] | string)[];

/**
 * Written out for speed, in the order of VALUES.
 * @param from where in the values the row begins
 */
export function sealedRowOfValues(values: SealedRowValues, from = 0): SealedRow {
  let i = from;
  return {
    id: Number(values[i++]),
    at: values[i++] as string,
    user_id: values[i++] as string,
    credential_kind: values[i++] as string,
    credential_id: values[i++] as string,
    credential_name: values[i++] as string | null,
    client_id: values[i++] as string | null,
    client_name: values[i++] as string | null,
    transport: values[i++] as string,
    operation: values[i++] as string,
    arguments: argumentsOf(values[i++]),
    outcome: values[i++] as string,
    code: values[i++] as string | null,
    duration_ms: Number(values[i++]),
    upstream_ms: Number(values[i++]),
    request_id: values[i++] as string,
    trace_id: values[i++] as string | null,
    address: values[i++] as string | null,
    salt: values[i++] as string | null,
    address_salt: values[i++] as string | null,
    personal_digest: values[i++] as string | null,
    address_digest: values[i++] as string | null,
  };
}

function argumentsOf(value: SealedRowValues[number] | undefined): SealedRow['arguments'] {
  return (typeof value === 'string' ? JSON.parse(value) : value) as SealedRow['arguments'];
}

const NUMBERS: ReadonlySet<string> = new Set(['id', 'duration_ms', 'upstream_ms'] satisfies (keyof SealedRow)[]);
const NULLABLE: ReadonlySet<string> = new Set([
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
] satisfies (keyof SealedRow)[]);

/** @returns the row, when the value has all of its fields, each of its type, and no others */
export function sealedRowOf(value: unknown): SealedRow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const row = value as Record<string, unknown>;
  if (Object.keys(row).length !== NAMES.length) return undefined;
  return NAMES.every((name) => fits(name, row[name])) ? (value as SealedRow) : undefined;
}

function fits(name: keyof SealedRow, value: unknown): boolean {
  if (name === 'arguments') return typeof value === 'object' && value !== null;
  if (NUMBERS.has(name)) return typeof value === 'number';
  return typeof value === 'string' || (value === null && NULLABLE.has(name));
}
