/**
 * What of a call's arguments may be written into the audit log: pure functions, one allow-list. A key that is not
 * listed is recorded by its name only, so that a new argument stays out until somebody decides about it.
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
]);

const REDACTED = '[redacted]';
const MAX_TEXT = 128;
const MAX_KEY = 64;
const MAX_KEYS = 20;

/** Control, format, surrogate, private and unassigned characters: invisible, and some of them refused by PostgreSQL. */
const INVISIBLE = /\p{C}/gu;
/**
 * Our tokens, whatever stands around them; at a word's beginning also prefixes that are yet to come (not within a word:
 * an id such as `btc_long_1` must be recorded); and anything built like a JWT.
 */
const SECRET = /tc_(?:pat|at|rt|act|ac|dc)_|(?<![a-z])tc_[a-z]+_|eyJ[\w-]{4,}|[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/i;

export type AuditedValue = string | number | boolean | null;

/** The recordable form of a call's arguments: a flat object of scalars, whatever came in. */
export function redactArguments(args: unknown): Record<string, AuditedValue> {
  if (args === undefined || args === null) return {};
  if (typeof args !== 'object' || Array.isArray(args)) return { arguments: REDACTED };
  const entries = Object.entries(args);
  const recorded = entries
    .slice(0, MAX_KEYS)
    .map(([key, value]): [string, AuditedValue] => [
      auditText(key, MAX_KEY),
      ALLOWED.has(key) ? scalar(value) : REDACTED,
    ]);
  if (entries.length > MAX_KEYS) recorded.push(['…', entries.length - MAX_KEYS]);
  return Object.fromEntries(recorded);
}

/**
 * Foreign text as the audit log may hold it: no token, nothing invisible, capped. Looked at before it is cut: half a
 * token is still too much of one.
 */
export function auditText(value: string, maxLength = MAX_TEXT): string {
  const visible = value.replace(INVISIBLE, '');
  if (SECRET.test(visible)) return REDACTED;
  return visible.length > maxLength ? `${visible.slice(0, maxLength - 1).replace(INVISIBLE, '')}…` : visible;
}

function scalar(value: unknown): AuditedValue {
  if (typeof value === 'string') return auditText(value);
  if (typeof value === 'boolean' || value === null) return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : REDACTED;
}
