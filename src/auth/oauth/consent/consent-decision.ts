import type { Config } from '../../../config/config.js';
import { AppError } from '../../../errors/app-error.js';
import { invalidFields } from '../../field-errors.js';
import type { WritePolicy } from '../../principal.js';
import type { Scope } from '../../scopes.js';
import { mayGrantWrites } from '../../session/session-age.js';
import type { CurrentSession } from '../../session/session.js';
import type { ConsentRequest } from './consent-request.js';

const MAX_AMOUNT = 1_000_000_000;

/** What the consent form says, before anybody believed it. */
export interface ConsentForm {
  readonly decision: string;
  /** One a ticked box. */
  readonly scopes: readonly string[];
  readonly readOnly: boolean;
  /** USDT; null: no cap; NaN: not an amount. */
  readonly maxTradeUsdt: number | null;
  readonly writePolicy: WritePolicy;
}

/** What the person allows; undefined: they said no. */
export type Decision =
  | { readonly scopes: readonly Scope[]; readonly maxTradeUsdt: number | null; readonly writePolicy: WritePolicy }
  | undefined;

/**
 * Reads the form. What was not asked for is not granted, whatever the form says.
 * @throws AppError invalid_request, session_too_old
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
  const ticked = new Set(form.scopes);
  const scopes = request.scopes.filter((scope) => ticked.has(scope) && !(form.readOnly && scope.startsWith('write:')));
  if (scopes.length === 0) throw invalidFields([{ path: 'scopes', message: 'must keep at least one' }]);
  const writes = scopes.some((scope) => scope.startsWith('write:'));
  if (!writes) return { scopes, maxTradeUsdt: null, writePolicy: 'token_only' };
  if (!mayGrantWrites(session, config)) throw new AppError('session_too_old');
  const { maxTradeUsdt, writePolicy } = form;
  if (maxTradeUsdt !== null && !(maxTradeUsdt > 0 && maxTradeUsdt <= MAX_AMOUNT)) {
    throw invalidFields([{ path: 'max_trade_usdt', message: 'must be an amount of USDT with at most two decimals' }]);
  }
  return { scopes, maxTradeUsdt, writePolicy };
}
