import type { FieldError } from '../../auth/field-errors.js';
import { checkTokenRequest, type TokenRequest } from '../../auth/pat/new-token.js';
import { ALL_SCOPES, READ_SCOPES, type Scope } from '../../auth/scopes.js';
import { AppError } from '../../errors/app-error.js';
import { formField, formFields } from '../page/form-field.js';

/** What each preset stands for. */
export const PRESETS = { read: READ_SCOPES, trade: ALL_SCOPES } as const satisfies Record<string, readonly Scope[]>;

/** Days of each length that the form offers; null: for ever. */
const EXPIRIES: Readonly<Record<string, number | null>> = { '30': 30, '90': 90, '365': 365, never: null };

const AMOUNT = /^\d{1,10}(\.\d{1,2})?$/;

/** The form as it was filled in: text, so that nothing typed is lost when it comes back. */
export interface TokenFormValues {
  readonly name: string;
  /** A key of EXPIRIES, or something wrong. */
  readonly expires: string;
  /** `read`, `trade`, or `custom`: the ticked scopes. */
  readonly preset: string;
  readonly scopes: readonly string[];
  readonly maxTradeUsdt: string;
}

/** One sentence for each field that needs another look. */
export type TokenFormErrors = Partial<Record<FormField, string>>;

const SENTENCES = {
  name: 'Give it a name of 1 to 60 characters, without invisible ones.',
  scopes: 'Choose at least one permission from the list.',
  expires_in_days: 'Choose one of these.',
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
};

/** A form that was read: what was typed, and either the request it makes or what is wrong with it. */
export type ReadTokenForm = { readonly values: TokenFormValues } & (
  | { readonly request: TokenRequest; readonly errors?: undefined }
  | { readonly request?: undefined; readonly errors: TokenFormErrors }
);

/**
 * Reads the form that creates a token. Without `preset` the ticked scopes count.
 * @param body fields `name`, `expires` (`30`, `90`, `365`, `never`), `preset`, `scopes` (one a ticked box),
 * `max_trade_usdt`
 */
export function readTokenForm(body: unknown): ReadTokenForm {
  const values: TokenFormValues = {
    name: formField(body, 'name') ?? '',
    expires: formField(body, 'expires') ?? '',
    preset: formField(body, 'preset') ?? 'custom',
    scopes: formFields(body, 'scopes'),
    maxTradeUsdt: (formField(body, 'max_trade_usdt') ?? '').trim(),
  };
  const request: TokenRequest = {
    name: values.name,
    scopes: scopesOf(values),
    // NaN is refused like every other wrong number, together with whatever else is wrong.
    expiresInDays: Object.hasOwn(EXPIRIES, values.expires) ? EXPIRIES[values.expires] : NaN,
    maxTradeUsdt: amount(values.maxTradeUsdt),
  };
  const errors = problems(request);
  return errors === undefined ? { values, request } : { values, errors };
}

/** The scopes that a filled-in form asks for. */
function scopesOf({ preset, scopes }: TokenFormValues): readonly string[] {
  if (preset === 'custom') return scopes;
  return preset === 'read' || preset === 'trade' ? PRESETS[preset] : [];
}

function amount(text: string): number | null {
  if (text === '') return null;
  return AMOUNT.test(text) ? Number(text) : NaN;
}

function problems(request: TokenRequest): TokenFormErrors | undefined {
  try {
    checkTokenRequest(request);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || !Array.isArray(error.data['errors'])) throw error;
    const paths = new Set((error.data['errors'] as readonly FieldError[]).map(({ path }) => path));
    return Object.fromEntries(Object.entries(SENTENCES).filter(([field]) => paths.has(field)));
  }
}
