import type { Config } from '../../../config/config.js';
import { AppError } from '../../../errors/app-error.js';
import { type FieldError, invalidFields } from '../../field-errors.js';
import type { WritePolicy } from '../../principal.js';
import { isWrite, type Scope } from '../../scopes.js';
import { mayGrantWrites } from '../../session/session-age.js';
import type { CurrentSession } from '../../session/session.js';
import type { ConsentRequest } from './consent-request.js';

/** Digits alone: `1,000` is a thousand to some and one to others. */
const AMOUNT = /^\d{1,9}(?:\.\d{1,2})?$/;

/** What the consent form says, before anybody believed it. */
export interface ConsentForm {
  readonly decision: string;
  /** One a ticked box. */
  readonly scopes: readonly string[];
  readonly readOnly: boolean;
  /** USDT, as it was typed; empty: no cap. */
  readonly maxTradeUsdt: string;
  readonly writePolicy: WritePolicy;
  /** Ids of earlier grants that are to end, one a ticked box. */
  readonly ends: readonly string[];
}

/** What the person allows; undefined: they said no. */
export type Decision =
  | {
      readonly scopes: readonly Scope[];
      /** Largest approval in USDT; null: no cap. */
      readonly maxTradeUsdt: number | null;
      readonly writePolicy: WritePolicy;
      /** What of this app is to end with it; not checked yet. */
      readonly ends: readonly string[];
    }
  | undefined;

/**
 * Reads the form. What was not asked for is not granted, whatever the form says.
 * @throws AppError invalid_request with `data.errors` for `decision`, `scopes` and `max_trade_usdt`; session_too_old
 */
export function readDecision(
  form: ConsentForm,
  request: ConsentRequest,
  session: CurrentSession,
  config: Pick<Config, 'oauth'>,
): Decision {
  if (form.decision === 'cancel') return undefined;
  if (form.decision !== 'authorize')
    throw invalidFields([{ path: 'decision', message: 'must be authorize or cancel' }]);
  const { writePolicy, ends } = form;
  const ticked = new Set(form.scopes);
  const scopes = request.scopes.filter((scope) => ticked.has(scope) && !(form.readOnly && isWrite(scope)));
  const writes = scopes.some(isWrite);
  const maxTradeUsdt = writes ? amount(form.maxTradeUsdt) : null;
  const errors = problems(scopes, maxTradeUsdt);
  if (errors.length > 0) throw invalidFields(errors);
  if (!writes) return { scopes, maxTradeUsdt, writePolicy: 'token_only', ends };
  if (!mayGrantWrites(session, config)) throw new AppError('session_too_old');
  return { scopes, maxTradeUsdt, writePolicy, ends };
}

function amount(text: string): number | null {
  if (text === '') return null;
  return AMOUNT.test(text) ? Number(text) : NaN;
}

function problems(scopes: readonly Scope[], maxTradeUsdt: number | null): FieldError[] {
  const errors: FieldError[] = [];
  if (scopes.length === 0) errors.push({ path: 'scopes', message: 'must keep at least one' });
  if (maxTradeUsdt !== null && !(maxTradeUsdt > 0)) {
    errors.push({ path: 'max_trade_usdt', message: 'must be an amount of USDT with at most two decimals' });
  }
  return errors;
}
