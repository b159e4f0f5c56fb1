import { type FieldError, invalidFields } from '../field-errors.js';
import type { WritePolicy } from '../principal.js';
import { ALL_SCOPES, isScope, type Scope } from '../scopes.js';
import { isTokenName, TOKEN_NAME_RULE } from './token-name.js';

const MAX_DAYS = 3650;
const MAX_CAP_USDT = 1_000_000_000;
const MAX_GRACE_MINUTES = 24 * 60;

/** What somebody asks for when they create a token; types as stated, values not checked yet. */
export interface TokenRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Whole days from now; absent: the token does not expire. */
  readonly expiresInDays?: number | null;
  /** Largest approval in USDT, at most two decimals; absent: no cap. */
  readonly maxTradeUsdt?: number | null;
  readonly writePolicy?: WritePolicy | null;
}

/** A request that was found good. */
export interface NewToken {
  /** Trimmed, 1 to 60 characters, nothing invisible. */
  readonly name: string;
  /** At least one, in their fixed order. */
  readonly scopes: readonly Scope[];
  readonly expiresInDays: number | null;
  readonly maxTradeUsdt: number | null;
  readonly writePolicy: WritePolicy;
}

/**
 * Checks every value of a request.
 * @throws AppError invalid_request with all that is wrong in `data.errors`
 */
export function checkTokenRequest(request: TokenRequest): NewToken {
  const name = request.name.trim();
  const days = request.expiresInDays ?? null;
  const cap = request.maxTradeUsdt ?? null;
  const errors: FieldError[] = [];
  const check = (good: boolean, path: string, message: string): void => {
    if (!good) errors.push({ path, message });
  };
  check(isTokenName(name), 'name', TOKEN_NAME_RULE);
  check(request.scopes.length > 0, 'scopes', 'must name at least one scope');
  check(request.scopes.every(isScope), 'scopes', `must be among ${ALL_SCOPES.join(', ')}`);
  check(days === null || isWhole(days, 1, MAX_DAYS), 'expires_in_days', `must be a whole number from 1 to ${MAX_DAYS}`);
  check(
    cap === null || isCap(cap),
    'max_trade_usdt',
    `must be above 0, at most ${MAX_CAP_USDT}, with two decimals at most`,
  );
  if (errors.length > 0) throw invalidFields(errors);
  return {
    name,
    scopes: ALL_SCOPES.filter((scope) => request.scopes.includes(scope)),
    expiresInDays: days,
    maxTradeUsdt: cap,
    writePolicy: request.writePolicy ?? 'token_only',
  };
}

/**
 * Checks how long a rotated token lives on.
 * @throws AppError invalid_request
 */
export function checkGraceMinutes(minutes: number): void {
  if (isWhole(minutes, 0, MAX_GRACE_MINUTES)) return;
  throw invalidFields([{ path: 'grace_minutes', message: `must be a whole number from 0 to ${MAX_GRACE_MINUTES}` }]);
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isCap(value: number): boolean {
  return value > 0 && value <= MAX_CAP_USDT && Math.round(value * 100) / 100 === value;
}
