import { ALL_SCOPES, SCOPES } from '../../auth/scopes.js';
import { Notice } from '../page/notice.js';
import { Choice, Fieldset, TextField } from '../page/fields.js';
import { PRESETS, type TokenFormErrors, type TokenFormValues } from './token-form.js';

const EXPIRY_LABELS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', '365 days'],
  ['never', 'Never'],
] as const;

export interface TokenFormProps {
  readonly csrfToken: string;
  readonly values: TokenFormValues;
  readonly errors: TokenFormErrors;
}

/** The form that creates a token. What does not apply to a choice is hidden by the stylesheet, not by script. */
export function TokenForm({ csrfToken, values, errors }: TokenFormProps) {
  return (
    <form class="token-form" method="post" action="/settings/tokens" aria-labelledby="new" novalidate>
      <input type="hidden" name="csrf_token" value={csrfToken} />
      <TextField
        name="name"
        label="Name"
        hint="Where you will use it, e.g. Claude Code on my laptop."
        value={values.name}
        error={errors.name}
        required
        maxLength={60}
      />
      <Fieldset legend="What it may do" name="scopes" error={errors.scopes}>
        <Choice
          type="radio"
          name="preset"
          value="read"
          checked={values.preset === 'read'}
          data-scopes={PRESETS.read.join(' ')}
        >
          <strong>Read only</strong>
          <span>Sees your account, signals, positions and the rest. Changes nothing.</span>
        </Choice>
        <Choice
          type="radio"
          name="preset"
          value="trade"
          checked={values.preset === 'trade'}
          data-scopes={PRESETS.trade.join(' ')}
        >
          <strong>Read and trade</strong>
          <span>Also approves pending trades and closes positions.</span>
        </Choice>
        <Choice type="radio" name="preset" value="custom" checked={values.preset === 'custom'}>
          <strong>One by one</strong>
          <span>Only what you tick.</span>
        </Choice>
        <div class="scope-list">
          {ALL_SCOPES.map((scope) => (
            <Choice key={scope} type="checkbox" name="scopes" value={scope} checked={values.scopes.includes(scope)}>
              <span>{SCOPES[scope]}</span>
              <code>{scope}</code>
            </Choice>
          ))}
        </div>
      </Fieldset>
      <div class="trade-options">
        <Notice kind="warning" title="This token can move real money">
          <p>
            Whoever holds it, and every program that you give it to, can approve trades and close positions in your
            name. Each one is previewed first, but an assistant that is wrong, or that was talked into it by a text it
            read, can confirm its own preview. Set a largest trade and a short life, and keep it out of shared files.
          </p>
        </Notice>
        <TextField
          name="max_trade_usdt"
          label="Largest trade it may approve, in USDT"
          hint="Leave empty for no cap. Closing a position is never capped."
          value={values.maxTradeUsdt}
          error={errors.max_trade_usdt}
          inputMode="decimal"
        />
      </div>
      <Fieldset legend="Expires" name="expires" error={errors.expires_in_days} row>
        {EXPIRY_LABELS.map(([value, label]) => (
          <Choice key={value} type="radio" name="expires" value={value} checked={values.expires === value}>
            <span>{label}</span>
          </Choice>
        ))}
      </Fieldset>
      <p class="never-warning">
        <strong>A token that never expires</strong> works until somebody revokes it, also after it was lost or copied. A
        year is long enough for most uses.
      </p>
      <p class="actions">
        <button class="button" type="submit">
          Create token
        </button>
      </p>
    </form>
  );
}
