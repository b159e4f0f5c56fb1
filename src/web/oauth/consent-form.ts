import type { ConsentForm } from '../../auth/oauth/consent/consent-decision.js';
import type { ConsentRequest } from '../../auth/oauth/consent/consent-request.js';
import { isWrite } from '../../auth/scopes.js';
import { AppError } from '../../errors/app-error.js';
import type { OauthGrant } from '../../generated/prisma/client.js';
import { formField, formFields } from '../page/form-field.js';

/** What the person fills in: text, so that nothing typed is lost when the form comes back. */
export type ConsentValues = Omit<ConsentForm, 'decision'>;

/** One sentence for each field that needs another look. */
export interface ConsentErrors {
  readonly scopes?: string;
  readonly max_trade_usdt?: string;
}

const SENTENCES = {
  scopes: 'Tick at least one permission, or choose “Cancel”.',
  max_trade_usdt: 'Write an amount above 0 with up to two decimals and no separators, e.g. 1000 or 99.50.',
} as const satisfies Required<ConsentErrors>;

/**
 * Reads the consent form.
 * @param body fields `decision`, `scopes` (one a ticked box), `read_only`, `max_trade_usdt`, `write_policy`, and
 * `end_grant` (one a ticked box)
 */
export function readConsentForm(body: unknown): ConsentForm {
  return {
    decision: formField(body, 'decision') ?? '',
    scopes: formFields(body, 'scopes'),
    readOnly: formField(body, 'read_only') !== undefined,
    maxTradeUsdt: (formField(body, 'max_trade_usdt') ?? '').trim(),
    writePolicy: formField(body, 'write_policy') === 'human_required' ? 'human_required' : 'token_only',
    ends: formFields(body, 'end_grant'),
  };
}

/**
 * The form before anybody touched it. Of an app with an id of its own the earlier grants end with the new one: it asked
 * anew because it lost them. Where several machines share an id, one of them may belong to another machine.
 */
export function blankConsent(
  request: ConsentRequest,
  earlier: readonly OauthGrant[],
  mayWrite: boolean,
): ConsentValues {
  return {
    scopes: request.scopes.filter((scope) => mayWrite || !isWrite(scope)),
    readOnly: false,
    maxTradeUsdt: '',
    writePolicy: 'token_only',
    ends: request.shared ? [] : earlier.map(({ id }) => id),
  };
}

/** What is wrong with a form, beside the fields that it is wrong with; undefined for every other failure. */
export function consentErrors(error: unknown): ConsentErrors | undefined {
  if (!(error instanceof AppError)) return undefined;
  if (error.code === 'session_too_old') return { scopes: `${error.entry.title} ${error.entry.next}` };
  const wrong = error.code === 'invalid_request' ? pathsOf(error.data['errors']) : [];
  const entries = Object.entries(SENTENCES).filter(([field]) => wrong.includes(field));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function pathsOf(errors: unknown): readonly unknown[] {
  return Array.isArray(errors) ? errors.map((error: { readonly path: unknown }) => error.path) : [];
}
