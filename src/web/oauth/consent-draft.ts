import { AppError } from '../../errors/app-error.js';
import { formFields } from '../page/form-field.js';
import { type ConsentValues, readConsentForm } from './consent-form.js';

const MAX_ADDRESS = 4_000;

/**
 * Where a form of the authorization server opens again as it was filled in, for who has to sign in first. Nothing of
 * it is a secret, and nothing happens until somebody presses the button.
 * @param path that it was sent to
 * @param body what it said; undefined when another site sent it
 * @returns undefined for every other form
 */
export function consentAddress(path: string, body: unknown): string | undefined {
  const device = path === '/oauth/device';
  if (!device && !/^\/oauth\/interaction\/[\w-]+$/.test(path)) return undefined;
  const query = new URLSearchParams();
  if (device) query.set('user_code', formFields(body, 'user_code')[0] ?? '');
  // The first of the device's two forms has nothing else to keep.
  if (formFields(body, 'decision')[0] !== undefined) for (const field of readableDraft(body)) query.append(...field);
  const address = query.size === 0 ? path : `${path}?${query}`;
  return address.length > MAX_ADDRESS ? path : address;
}

/** What such an address says; undefined for every other one. */
export function readDraft(query: unknown): ConsentValues | undefined {
  return formFields(query, 'draft')[0] === undefined ? undefined : readConsentForm(query);
}

/** The fields of a draft, for an address or for the form that leads on to the one they belong to. */
export function draftFields(body: unknown): [name: string, value: string][] {
  const { scopes, readOnly, maxTradeUsdt, writePolicy, ends } = readConsentForm(body);
  return [
    ['draft', '1'],
    ...scopes.map((scope): [string, string] => ['scopes', scope]),
    ...(readOnly ? [['read_only', 'yes'] as [string, string]] : []),
    ['max_trade_usdt', maxTradeUsdt],
    ['write_policy', writePolicy],
    ...ends.map((id): [string, string] => ['end_grant', id]),
  ];
}

/** Nothing of a form that no browser sends (a field twice): it is refused already, and the way back opens a fresh one. */
function readableDraft(body: unknown): [name: string, value: string][] {
  try {
    return draftFields(body);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
