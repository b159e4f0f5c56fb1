import { Choice, Fieldset, TextField } from '../page/fields.js';
import { Notice } from '../page/notice.js';
import type { TokenFormErrors, TokenFormValues } from './token-form.js';

export interface TradeOptionsProps {
  readonly values: TokenFormValues;
  readonly errors: TokenFormErrors;
}

/** What only a token that may trade needs: the warning, its limits, and a second yes. */
export function TradeOptions({ values, errors }: TradeOptionsProps) {
  return (
    <div class="trade-options">
      <Notice kind="warning" title="This token can move real money">
        <p>
          Whoever holds it, and every program that you give it to, can approve trades and close positions in your name.
          Each one is previewed first, but an assistant that is wrong, or that was talked into it by a text it read, can
          confirm its own preview. Set a largest trade and a short life, and keep it out of shared files.
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
      <Fieldset legend="Before each trade" name="write_policy">
        <Choice type="checkbox" name="write_policy" value="human_required" checked={values.asksEachTime}>
          <strong>Ask me each time</strong>
          <span>
            Your client has to show you every trade and get your yes; one that cannot ask is refused. A guardrail, no
            proof: a program that holds the token could answer in your place.
          </span>
        </Choice>
      </Fieldset>
      <Fieldset legend="Are you sure?" name="confirm_write" error={errors.confirm_write}>
        <Choice type="checkbox" name="confirm_write" value="yes" checked={values.confirmsWrite}>
          <strong>Yes, this token may trade with my real money</strong>
          <span>Losses it makes are mine. I can freeze all trading or revoke it at any time.</span>
        </Choice>
      </Fieldset>
    </div>
  );
}
