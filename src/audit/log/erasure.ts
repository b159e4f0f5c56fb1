import type { SealedRow } from './sealed-row.js';
import { SeqRanges } from './seq-ranges.js';
import type { KeyRing, SigningKey } from './signing-key.js';

/** `truncate`: addresses to their networks; `erase`: personal fields; `remove`: whole rows. */
export type ErasureKind = 'truncate' | 'erase' | 'remove';

/** What a row that permits an erasure carries as its arguments. Signed: whoever can only write rows permits nothing. */
export interface Erasure {
  readonly kind: ErasureKind;
  readonly rows: SeqRanges;
}

/** `credential_kind` of what the operator did; those of it that permit erasures are never removed: others are verified by them. */
export const OPERATOR = 'operator';

/** The arguments of the row that permits it. */
export function signErasure({ kind, rows }: Erasure, key: SigningKey): Record<string, string> {
  const unsigned = { kind, rows: rows.format(), key_id: key.keyId };
  return { ...unsigned, signature: key.sign(erasureText(unsigned)) };
}

/**
 * Reads a row that may permit an erasure.
 * @returns undefined: it is another sort of row; a string: why it permits nothing
 */
export function readErasure(row: SealedRow, keys: KeyRing): Erasure | string | undefined {
  if (row.credential_kind !== OPERATOR || !row.operation.startsWith('audit.')) return undefined;
  const { kind, rows, key_id, signature } = row.arguments;
  const ranges = typeof rows === 'string' ? SeqRanges.parse(rows) : undefined;
  if (typeof key_id !== 'string' || typeof signature !== 'string' || !isKind(kind) || ranges === undefined)
    return 'permits an erasure in a form that this release does not know';
  const complaint = keys.complaint(key_id, erasureText({ kind, rows: rows as string, key_id }), signature);
  return complaint ?? { kind, rows: ranges };
}

function erasureText({ kind, rows, key_id }: { kind: string; rows: string; key_id: string }): string {
  return `tradecafe audit erasure 1\n${kind}\n${rows}\n${key_id}\n`;
}

function isKind(value: unknown): value is ErasureKind {
  return value === 'truncate' || value === 'erase' || value === 'remove';
}
