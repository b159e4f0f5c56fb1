import { hash } from 'node:crypto';
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

const UUID_LENGTH = 36;
/** How a text begins that ends with a salt: in one piece for those that the service makes, which are UUIDs. */
const PERSONAL = 'personal 1';
const PERSONAL_UUID = ['personal 1', UUID_LENGTH, ':'].join('');
const ADDRESS = 'address 1';
const ADDRESS_UUID = ['address 1', UUID_LENGTH, ':'].join('');

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
    (row.salt?.length === UUID_LENGTH ? PERSONAL_UUID + row.salt : PERSONAL + text(row.salt)) +
      clientText(row) +
      argumentsText(row) +
      networkText(row.address) +
      addressDigest(row),
  );
}

export function addressDigest({ address, address_digest: digest, address_salt: salt }: SealedRow): string {
  if (digest !== null) return digest;
  const salted = salt?.length === UUID_LENGTH ? ADDRESS_UUID + salt : ADDRESS + text(salt);
  return sha256(address === null ? `${salted}~` : salted + lengthOf(address) + address);
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
  const { id, at, duration_ms: duration, upstream_ms: upstream, request_id: request, trace_id: trace } = row;
  return sha256(
    'public 1#' +
      `${id};` +
      lengthOf(at) +
      at +
      callText(row) +
      `${duration};#${upstream};` +
      lengthOf(request) +
      request +
      text(trace),
  );
}

/*
 * Before it is hashed V8 flattens a text that was joined of others, and that costs as much as the hash itself: by the
 * number of parts, and twice as much for a part that was joined of others in its turn. So what repeats from row to row is
 * kept, flat, with the fields it was made of, and the rest is joined from the left.
 */

type Known<Field extends keyof SealedRow> = Pick<SealedRow, Field> & { readonly text: string };
const MAX_KNOWN = 1_000;
/** By operation. */
const knownCalls = new Map<string, Known<'credential_kind' | 'transport' | 'outcome' | 'code'>>();
/** By operation. */
const knownArguments = new Map<string, Known<'arguments'>>();
/** By user. */
const knownClients = new Map<string, Known<'credential_id' | 'credential_name' | 'client_id' | 'client_name'>>();
/** By address. */
const knownNetworks = new Map<string, { readonly text: string }>();

/** What was called, and how it ended. */
function callText({ credential_kind, transport, operation, outcome, code }: SealedRow): string {
  const known = knownCalls.get(operation);
  if (
    known !== undefined &&
    known.outcome === outcome &&
    known.code === code &&
    known.transport === transport &&
    known.credential_kind === credential_kind
  )
    return known.text;
  const flat = [flatten([credential_kind, transport, operation, outcome, code]), '#'].join('');
  return remember(knownCalls, operation, { credential_kind, transport, outcome, code, text: flat });
}

/** Who called. */
function clientText({ user_id, credential_id, credential_name, client_id, client_name }: SealedRow): string {
  const known = knownClients.get(user_id);
  if (
    known !== undefined &&
    known.credential_id === credential_id &&
    known.credential_name === credential_name &&
    known.client_id === client_id &&
    known.client_name === client_name
  )
    return known.text;
  const flat = flatten([user_id, credential_id, credential_name, client_id, client_name]);
  return remember(knownClients, user_id, { credential_id, credential_name, client_id, client_name, text: flat });
}

function argumentsText({ operation, arguments: args }: SealedRow): string {
  const known = knownArguments.get(operation);
  if (known !== undefined && isSame(known.arguments, args)) return known.text;
  return remember(knownArguments, operation, { arguments: { ...args }, text: canonicalArguments(args) });
}

function networkText(address: string | null): string {
  if (address === null) return '~';
  return knownNetworks.get(address)?.text ?? remember(knownNetworks, address, { text: flatten([networkOf(address)]) });
}

function remember<Value extends { readonly text: string }>(
  known: Map<string, Value>,
  key: string,
  value: Value,
): string {
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, value);
  return value.text;
}

function isSame(a: SealedRow['arguments'], b: SealedRow['arguments']): boolean {
  let names = 0;
  for (const name in a) {
    if (a[name] !== b[name]) return false;
    names += 1;
  }
  return Object.keys(b).length === names;
}

/** `12:` and the like: verification writes ten million of them. */
const LENGTHS: readonly string[] = Array.from({ length: 512 }, (_, length) => `${length}:`);

function lengthOf(value: string): string {
  return LENGTHS[value.length] ?? `${value.length}:`;
}

/** Self-delimiting: however text is moved from one field to its neighbour, the whole changes. */
function text(value: string | null): string {
  return value === null ? '~' : lengthOf(value) + value;
}

/** The texts of values, in one piece: `join` makes a flat one, `+` would not. */
function flatten(values: readonly (string | null)[]): string {
  return values.flatMap((value) => (value === null ? ['~'] : [lengthOf(value), value])).join('');
}

/** Keys in the order of their code units, as RFC 8785 has it: PostgreSQL and JSON.parse each have an order of their own. */
function canonicalArguments(args: SealedRow['arguments']): string {
  const keys = sorted(Object.keys(args));
  const parts = [`{${keys.length};`];
  for (const key of keys) {
    const value = args[key]!;
    parts.push(text(key), typeof value === 'string' ? text(value) : `${JSON.stringify(value)};`);
  }
  return parts.join('');
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
