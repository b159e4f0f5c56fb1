import { ALL_SCOPES, SCOPES } from '../../auth/scopes.js';
import { Choice, DateField, Fieldset, TextField } from '../page/fields.js';
import { PRESETS, type TokenFormErrors, type TokenFormValues } from './token-form.js';
import { ToolPreview } from './tool-preview.js';
import { TradeOptions } from './trade-options.js';

const EXPIRY_LABELS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', '365 days'],
  ['date', 'On a date'],
  ['never', 'Never'],
] as const;

/** Browsers count UTF-16 units: sixty emoji are twice as many. What is too long is said, not cut while it is typed. */
const MAX_NAME_UNITS = 240;

export interface TokenFormProps {
  readonly csrfToken: string;
  /** Makes the form count once. */
  readonly nonce: string;
  readonly values: TokenFormValues;
  readonly errors: TokenFormErrors;
}

/** The form that creates a token. What does not apply to a choice is hidden by the stylesheet, not by script. */
export function TokenForm({ csrfToken, nonce, values, errors }: TokenFormProps) {
  return (
    <form class="token-form" method="post" action="/settings/tokens" aria-labelledby="new" novalidate>
      <input type="hidden" name="csrf_token" value={csrfToken} />
      <input type="hidden" name="nonce" value={nonce} />
      <TextField
        name="name"
        label="Name"
        hint="Where you will use it, e.g. Claude Code on my laptop."
        value={values.name}
        error={errors.name}
        required
        maxLength={MAX_NAME_UNITS}
      />
      {(errors.same_name !== undefined || values.confirmsName) && (
        <Fieldset legend="Two of one name" name="confirm_name" error={errors.same_name}>
          <Choice type="checkbox" name="confirm_name" value="yes" checked={values.confirmsName}>
            <strong>Yes, a second one of this name</strong>
            <span>Only what follows tc_pat_ tells them apart when you have to revoke one.</span>
          </Choice>
        </Fieldset>
      )}
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
      <TradeOptions values={values} errors={errors} />
      <Fieldset legend="Expires" name="expires" error={errors.expires_in_days} row>
        {EXPIRY_LABELS.map(([value, label]) => (
          <Choice key={value} type="radio" name="expires" value={value} checked={values.expires === value}>
            <span>{label}</span>
          </Choice>
        ))}
      </Fieldset>
      <DateField name="expires_on" label="Its last day (UTC)" value={values.expiresOn} error={errors.expires_on} />
      <p class="never-warning">
        <strong>A token that never expires</strong> works until somebody revokes it, also after it was lost or copied. A
        year is long enough for most uses.
      </p>
      <ToolPreview />
      <p class="actions">
        <button class="button" type="submit">
          Create token
        </button>
        <button class="button button-quiet" type="submit" name="preview" value="yes" data-without-script>
          Show what it would open
        </button>
      </p>
    </form>
  );
}
