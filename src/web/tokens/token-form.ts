import { calendarDay } from '../../audit/calendar-day.js';
import type { FieldError } from '../../auth/field-errors.js';
import { checkTokenRequest, type TokenRequest } from '../../auth/pat/new-token.js';
import { ALL_SCOPES, READ_SCOPES, type Scope } from '../../auth/scopes.js';
import { AppError } from '../../errors/app-error.js';
import { formField, formFields } from '../page/form-field.js';

/** What each preset stands for. */
export const PRESETS = { read: READ_SCOPES, trade: ALL_SCOPES } as const satisfies Record<string, readonly Scope[]>;

/** Days of each length that the form offers; null: for ever. */
const EXPIRIES: Readonly<Record<string, number | null>> = { '30': 30, '90': 90, '365': 365, never: null };

const DAY_MS = 86_400_000;
const AMOUNT = /^\d{1,10}(\.\d{1,2})?$/;

/** The form as it was filled in: text, so that nothing typed is lost when it comes back. */
export interface TokenFormValues {
  readonly name: string;
  /** A key of EXPIRIES, `date`, or something wrong. */
  readonly expires: string;
  /** With `date`: the day, `2026-12-31`. */
  readonly expiresOn: string;
  /** `read`, `trade`, or `custom`: the ticked scopes. */
  readonly preset: string;
  readonly scopes: readonly string[];
  readonly maxTradeUsdt: string;
  /** Ask the person through the client before each trade. */
  readonly asksEachTime: boolean;
  /** The person said once more that this token may trade. */
  readonly confirmsWrite: boolean;
  /** The person said that two tokens of this name are meant. */
  readonly confirmsName: boolean;
}

/** One sentence for each field that needs another look; `same_name`: which live token has that name. */
export type TokenFormErrors = Partial<Record<FormField | 'same_name', string>>;

const SENTENCES = {
  name: 'Give it a name of 1 to 60 characters, without invisible ones.',
  scopes: 'Choose at least one permission from the list.',
  confirm_write: 'Tick this if you mean it, or leave trading out.',
  expires_in_days: 'Choose one of these.',
  expires_on: 'Choose a day from tomorrow to ten years from now.',
  max_trade_usdt:
    'Write an amount above 0, at most one billion, with up to two decimals and no separators, e.g. 250 or 99.50.',
} as const;

type FormField = keyof typeof SENTENCES;

/** The form before anybody touched it: ninety days, read only. */
export const BLANK_TOKEN_FORM: TokenFormValues = {
  name: '',
  expires: '90',
  preset: 'read',
  scopes: READ_SCOPES,
  maxTradeUsdt: '',
  expiresOn: '',
  asksEachTime: false,
  confirmsWrite: false,
  confirmsName: false,
};

/** A form that was read: what was typed, the request it makes, and what is wrong with that. */
export interface ReadTokenForm {
  readonly values: TokenFormValues;
  readonly request: TokenRequest;
  /** Empty: all is well. */
  readonly errors: TokenFormErrors;
}

/**
 * Reads the form that creates a token. Without `preset` the ticked scopes count.
 * @param body fields `name`, `expires` (`30`, `90`, `365`, `never`, `date`), `expires_on`, `preset`, `scopes` (one a
 * ticked box), `max_trade_usdt`, `write_policy`, `confirm_write` (needed to trade), `confirm_name`
 */
export function readTokenForm(body: unknown, now = new Date()): ReadTokenForm {
  const values: TokenFormValues = {
    name: formField(body, 'name') ?? '',
    expires: formField(body, 'expires') ?? '',
    preset: formField(body, 'preset') ?? 'custom',
    scopes: formFields(body, 'scopes'),
    maxTradeUsdt: (formField(body, 'max_trade_usdt') ?? '').trim(),
    expiresOn: (formField(body, 'expires_on') ?? '').trim(),
    asksEachTime: formField(body, 'write_policy') === 'human_required',
    confirmsWrite: formField(body, 'confirm_write') === 'yes',
    confirmsName: formField(body, 'confirm_name') === 'yes',
  };
  const request: TokenRequest = {
    name: values.name,
    scopes: scopesOf(values),
    expiresInDays: lifeOf(values, now),
    maxTradeUsdt: amount(values.maxTradeUsdt),
    writePolicy: values.asksEachTime ? 'human_required' : 'token_only',
  };
  return { values, request, errors: problems(request, values) };
}

/** The scopes that a filled-in form asks for. */
function scopesOf({ preset, scopes }: TokenFormValues): readonly string[] {
  if (preset === 'custom') return scopes;
  return preset === 'read' || preset === 'trade' ? PRESETS[preset] : [];
}

/** Days; NaN is refused like every other wrong number, together with whatever else is wrong. */
function lifeOf({ expires, expiresOn }: TokenFormValues, now: Date): number | null {
  if (expires === 'date') return daysUntil(expiresOn, now);
  return Object.hasOwn(EXPIRIES, expires) ? (EXPIRIES[expires] ?? null) : NaN;
}

/** From today to a day of the calendar, both in UTC. */
function daysUntil(day: string, now: Date): number {
  const at = calendarDay(day);
  return at === undefined ? NaN : at.getTime() / DAY_MS - Math.floor(now.getTime() / DAY_MS);
}

function amount(text: string): number | null {
  if (text === '') return null;
  return AMOUNT.test(text) ? Number(text) : NaN;
}

function problems(request: TokenRequest, { confirmsWrite, expires }: TokenFormValues): TokenFormErrors {
  const paths = new Set(wrongFields(request));
  if (request.scopes.includes('write:trades') && !confirmsWrite) paths.add('confirm_write');
  if (expires === 'date' && paths.delete('expires_in_days')) paths.add('expires_on');
  return Object.fromEntries(Object.entries(SENTENCES).filter(([field]) => paths.has(field)));
}

function wrongFields(request: TokenRequest): readonly string[] {
  try {
    checkTokenRequest(request);
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || !Array.isArray(error.data['errors'])) throw error;
    return (error.data['errors'] as readonly FieldError[]).map(({ path }) => path);
  }
}
