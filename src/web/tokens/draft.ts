import { AppError } from '../../errors/app-error.js';
import { readTokenForm, type TokenFormValues } from './token-form.js';

const LIST = '/settings/tokens';
const MAX_ADDRESS = 4_000;

/**
 * An address that opens the form as it was filled in, for who has to sign in first. What a form posted would be lost on
 * the way; nothing in it is a secret, and nothing happens until somebody presses the button. No second yes comes
 * along, neither to trading nor to a name.
 */
export function draftAddress(body: unknown): string {
  const values = typed(body);
  if (values === undefined) return LIST;
  const { name, expires, expiresOn, preset, scopes, maxTradeUsdt, asksEachTime } = values;
  const query = new URLSearchParams({ draft: '1', name, expires, expires_on: expiresOn, preset });
  for (const scope of scopes) query.append('scopes', scope);
  query.append('max_trade_usdt', maxTradeUsdt);
  if (asksEachTime) query.append('write_policy', 'human_required');
  const address = `${LIST}?${query}`;
  return address.length > MAX_ADDRESS ? LIST : address;
}

/** Undefined for a form that no browser sends (a field twice): it is refused already, and the way back opens a fresh one. */
function typed(body: unknown): TokenFormValues | undefined {
  try {
    return readTokenForm(body).values;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** What such an address says; undefined for every other one. */
export function readDraft(query: unknown): TokenFormValues | undefined {
  const isDraft = typeof query === 'object' && query !== null && 'draft' in query;
  return isDraft ? { ...readTokenForm(query).values, confirmsWrite: false, confirmsName: false } : undefined;
}
