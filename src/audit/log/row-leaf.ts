import { hash } from 'node:crypto';
import type { AuditedValue } from '../redact.js';
import { networkOf } from './network.js';
import type { SealedRow } from './sealed-row.js';

/**
 * The leaf of a row: `H(H(public fields) ‖ H(salt ‖ personal fields))`, H being SHA-256, every digest written in hex.
 * The personal part holds the address's network and a digest of the address under a salt of its own. So an address can
 * be truncated, or all that is personal erased, and what is left still makes the same leaf, but no other value does.
 */

/** `broken`: neither as it was written, nor truncated, nor erased as this service does it. */
export type RowState = 'whole' | 'truncated' | 'erased' | 'broken';

/** Of an erased row, what stands in the place of personal fields that cannot be null. */
export const ERASED_TEXT = '';

export function sha256(input: string): string {
  return hash('sha256', input, 'hex');
}

/** RFC 6962 §2.1: a leaf is hashed with a prefix of its own, so that it cannot pass as an inner node. */
export function leafOf(row: SealedRow): string {
  return sha256(`\0${publicDigest(row)}${personalDigest(row)}`);
}

export function personalDigest(row: SealedRow): string {
  if (row.personal_digest !== null) return row.personal_digest;
  return sha256(
    `personal 1${text(row.salt)}${text(row.user_id)}${text(row.credential_id)}${text(row.credential_name)}` +
      `${text(row.client_id)}${text(row.client_name)}${canonicalArguments(row.arguments)}` +
      `${text(networkOf(row.address))}${addressDigest(row)}`,
  );
}

export function addressDigest(row: SealedRow): string {
  return row.address_digest ?? sha256(`address 1${text(row.address_salt)}${text(row.address)}`);
}

/** What has become of the row since it was written, as far as its own fields tell. */
export function stateOf(row: SealedRow): RowState {
  if (row.personal_digest !== null) return isErased(row) ? 'erased' : 'broken';
  if (row.salt === null) return 'broken';
  if (row.address_digest === null) return row.address_salt === null ? 'broken' : 'whole';
  return row.address_salt === null && row.address === networkOf(row.address) ? 'truncated' : 'broken';
}

function isErased(row: SealedRow): boolean {
  const { salt, address_salt, address_digest, address, credential_name, client_id, client_name } = row;
  return (
    [salt, address_salt, address_digest, address, credential_name, client_id, client_name].every((v) => v === null) &&
    row.user_id === ERASED_TEXT &&
    row.credential_id === ERASED_TEXT &&
    Object.keys(row.arguments).length === 0
  );
}

function publicDigest(row: SealedRow): string {
  const { at, credential_kind: kind, transport, operation, outcome, code, request_id: request, trace_id: trace } = row;
  return sha256(
    'public 1#' +
      row.id +
      ';' +
      (LENGTHS[at.length] ?? size(at)) +
      at +
      (LENGTHS[kind.length] ?? size(kind)) +
      kind +
      (LENGTHS[transport.length] ?? size(transport)) +
      transport +
      (LENGTHS[operation.length] ?? size(operation)) +
      operation +
      (LENGTHS[outcome.length] ?? size(outcome)) +
      outcome +
      text(code) +
      '#' +
      row.duration_ms +
      ';#' +
      row.upstream_ms +
      ';' +
      (LENGTHS[request.length] ?? size(request)) +
      request +
      text(trace),
  );
}
const size = (v: string) => `${v.length}:`;
/** `12:` and the like: verification writes ten million of them. */
const LENGTHS: readonly string[] = Array.from({ length: 512 }, (_, length) => `${length}:`);

/** Self-delimiting: however text is moved from one field to its neighbour, the whole changes. */
function text(value: string | null): string {
  return value === null ? '~' : (LENGTHS[value.length] ?? `${value.length}:`) + value;
}

/** Keys in the order of their code units, as RFC 8785 has it: PostgreSQL and JSON.parse each have an order of their own. */
function canonicalArguments(args: Readonly<Record<string, AuditedValue>>): string {
  const keys = sorted(Object.keys(args));
  let canonical = `{${keys.length};`;
  for (const key of keys) {
    const value = args[key]!;
    canonical += typeof value === 'string' ? text(key) + text(value) : `${text(key)}${JSON.stringify(value)};`;
  }
  return canonical;
}

/** Sorts in place, by insertion: there are a few, and the library's sort costs more than the rest of it all. */
function sorted(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let j = i;
    for (; j > 0 && keys[j - 1]! > key; j--) keys[j] = keys[j - 1]!;
    keys[j] = key;
  }
  return keys;
}
