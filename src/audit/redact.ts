import { DRAWN_INVISIBLE } from './drawn-invisible.js';

/**
 * What of a call's arguments may be written into the audit log: pure functions, one allow-list of names. What stands
 * under another name, and that name itself, is only counted: a secret may be in either, and a new argument stays out
 * until somebody decides about it.
 */

/** Arguments whose values say what was asked and are nobody's secret. `action_token` is not among them. */
const ALLOWED: ReadonlySet<string> = new Set([
  'symbol',
  'side',
  'limit',
  'include_history',
  'signal_id',
  'position_id',
  // Of a trade, or of a user, in the paths of /api.
  'id',
  'status',
  'timeframe',
  'dry_run',
  // Of a resource; how often a stream was told of a change.
  'uri',
  'notifications',
]);

/** Arguments that say what was done by being there. */
const NAMED: ReadonlySet<string> = new Set(['action_token']);

/** How many arguments were left out, names and all. */
const UNKNOWN = '[unknown]';
const REDACTED = '[redacted]';
const MAX_TEXT = 128;

/** Control, format, surrogate, private and unassigned characters: invisible, and some of them refused by PostgreSQL. */
const INVISIBLE = new RegExp(`(?<drawn>${DRAWN_INVISIBLE})|\\p{C}`, 'gu');
/**
 * Our tokens, whatever stands around them; at a word's beginning also prefixes that are yet to come (not within a word:
 * an id such as `btc_long_1` must be recorded); and anything built like a JWT.
 */
const SECRET = /tc_(?:pat|at|rt|act|ac|dc)_|(?<![a-z])tc_[a-z]+_|eyJ[\w-]{4,}|[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/i;

/** Nearly every text is plain and no secret; these two say so in a tenth of the time that the other two take. */
const PRINTABLE = /^[ -~]*$/;
const MARK = /tc_|eyJ|\.[\w-]{8,}\./i;

export type AuditedValue = string | number | boolean | null;

/** The recordable form of a call's arguments: a flat object of scalars, whatever came in. */
export function redactArguments(args: unknown): Record<string, AuditedValue> {
  if (args === undefined || args === null) return {};
  if (typeof args !== 'object' || Array.isArray(args)) return { arguments: REDACTED };
  const recorded: Record<string, AuditedValue> = {};
  let unknown = 0;
  for (const key of Object.keys(args)) {
    if (ALLOWED.has(key)) recorded[key] = scalar((args as Record<string, unknown>)[key]);
    else if (NAMED.has(key)) recorded[key] = REDACTED;
    else unknown += 1;
  }
  if (unknown > 0) recorded[UNKNOWN] = unknown;
  return recorded;
}

/** The recordable form of facts whose names are ours: values may still be what somebody typed. */
export function redactDetails(details: Readonly<Record<string, AuditedValue>>): Record<string, AuditedValue> {
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, scalar(value)]));
}

/**
 * Foreign text as the audit log may hold it: no token, nothing invisible, capped. Looked at before it is cut: half a
 * token is still too much of one.
 */
export function auditText(value: string, maxLength = MAX_TEXT): string {
  const visible = visibleText(value);
  if (MARK.test(visible) && SECRET.test(visible)) return REDACTED;
  return visible.length > maxLength ? `${visibleText(visible.slice(0, maxLength - 1))}…` : visible;
}

function visibleText(value: string): string {
  return PRINTABLE.test(value) ? value : value.replace(INVISIBLE, '$<drawn>');
}

function scalar(value: unknown): AuditedValue {
  if (typeof value === 'string') return auditText(value);
  if (typeof value === 'boolean' || value === null) return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : REDACTED;
}
