import type { ConsentForm } from '../../auth/oauth/consent/consent-decision.js';
import { formField, formFields } from '../page/form-field.js';

const AMOUNT = /^\d{1,9}(?:\.\d{1,2})?$/;

/**
 * Reads the consent form.
 * @param body fields `decision`, `scopes` (one a ticked box), `read_only`, `max_trade_usdt`, `write_policy`
 */
export function readConsentForm(body: unknown): ConsentForm {
  const amount = (formField(body, 'max_trade_usdt') ?? '').trim();
  return {
    decision: formField(body, 'decision') ?? '',
    scopes: formFields(body, 'scopes'),
    readOnly: formField(body, 'read_only') !== undefined,
    maxTradeUsdt: amount === '' ? null : AMOUNT.test(amount) ? Number(amount) : NaN,
    writePolicy: formField(body, 'write_policy') === 'human_required' ? 'human_required' : 'token_only',
  };
}
