import type { ConsentRequest } from '../../auth/oauth/consent/consent-request.js';
import { SCOPES } from '../../auth/scopes.js';
import { Choice, Fieldset, TextField } from '../page/fields.js';
import { Notice } from '../page/notice.js';
import { AppIdentity } from './app-identity.js';

export interface ConsentPageProps {
  readonly request: ConsentRequest;
  readonly form: { readonly action: string; readonly hidden: Readonly<Record<string, string>> };
  /** Device flow: what the device must show, too. */
  readonly userCode?: string;
  readonly userName: string;
  readonly csrfToken: string;
  /** False: the sign-in is too old to let an app trade. */
  readonly mayWrite: boolean;
  readonly signInAgain: string;
}

/** Who asks, as whom, for what; and the two answers. */
export function ConsentPage(props: ConsentPageProps) {
  const { request, form, userCode, userName, csrfToken } = props;
  const writes = request.scopes.some((scope) => scope.startsWith('write:'));
  return (
    <section class="narrow">
      <p class="label">An app asks for access</p>
      <h1>
        <bdi>{request.clientName ?? 'An app without a name'}</bdi> wants to use your TradeCafe account
      </h1>
      <AppIdentity request={request} userCode={userCode} userName={userName} />
      {writes && <WriteWarning {...props} />}
      <form class="token-form" method="post" action={form.action}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {Object.entries(form.hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <ScopeBoxes {...props} />
        {writes && props.mayWrite && <WriteLimits />}
        <p class="actions">
          <button class="button" type="submit" name="decision" value="authorize">
            Authorize
          </button>
          <button class="button button-quiet" type="submit" name="decision" value="cancel">
            Cancel
          </button>
        </p>
      </form>
      <p class="hint">You can end this at any time: it is listed among your apps.</p>
    </section>
  );
}

function ScopeBoxes({ request, mayWrite }: ConsentPageProps) {
  return (
    <Fieldset legend="It may" name="scopes">
      {request.scopes.map((scope) => (
        <Choice
          key={scope}
          type="checkbox"
          name="scopes"
          value={scope}
          checked={mayWrite || !scope.startsWith('write:')}
        >
          {SCOPES[scope]} <code>{scope}</code>
        </Choice>
      ))}
    </Fieldset>
  );
}

function WriteWarning({ mayWrite, signInAgain }: ConsentPageProps) {
  return (
    <Notice kind="warning" title="It asks to trade with your real money.">
      <p>
        AI clients can be wrong or misled. With this right the app can approve pending trades and close positions in
        your name. Allow it only if you trust the app, and only if you need it.
      </p>
      {!mayWrite && (
        <p>
          You signed in too long ago to allow this. <a href={signInAgain}>Sign in again</a> first, or go on without it.
        </p>
      )}
    </Notice>
  );
}

function WriteLimits() {
  return (
    <>
      <Fieldset legend="If it may trade" name="limits">
        <Choice type="checkbox" name="read_only" value="yes" checked={false}>
          Read only after all: leave trading out
        </Choice>
        <Choice type="checkbox" name="write_policy" value="human_required" checked={false}>
          Ask me in the app before each trade
        </Choice>
      </Fieldset>
      <TextField
        name="max_trade_usdt"
        label="Largest trade it may approve, in USDT"
        hint="Empty: no limit. Closing a position is never limited."
        value=""
        inputMode="decimal"
      />
    </>
  );
}
