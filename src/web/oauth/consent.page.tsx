import type { ConsentRequest } from '../../auth/oauth/consent/consent-request.js';
import { isWrite, SCOPES } from '../../auth/scopes.js';
import type { OauthGrant } from '../../generated/prisma/client.js';
import { Choice, Fieldset, TextField } from '../page/fields.js';
import { Notice } from '../page/notice.js';
import { AppIdentity } from './app-identity.js';
import type { ConsentErrors, ConsentValues } from './consent-form.js';
import { EarlierGrants } from './earlier-grants.js';

export interface ConsentPageProps {
  readonly request: ConsentRequest;
  readonly form: { readonly action: string; readonly hidden: Readonly<Record<string, string>> };
  /** Device flow: what the device must show, too. */
  readonly userCode?: string | undefined;
  readonly userName: string;
  readonly csrfToken: string;
  /** False: the sign-in is too old to let an app trade. */
  readonly mayWrite: boolean;
  /** Address of the login page, which leads back here. */
  readonly signInAgain: string;
  /** What the app may do already. */
  readonly earlier: readonly OauthGrant[];
  readonly now: Date;
  readonly values: ConsentValues;
  readonly errors: ConsentErrors;
  /** What went wrong with the form that was sent. */
  readonly problem?: { readonly title: string; readonly text?: string } | undefined;
}

/** Who asks, as whom, for what; and the two answers. */
export function ConsentPage(props: ConsentPageProps) {
  const { request, form, userCode, userName, csrfToken, mayWrite, signInAgain, problem, earlier, values, now } = props;
  const writes = request.scopes.some(isWrite);
  const grantable = request.scopes.filter((scope) => mayWrite || !isWrite(scope));
  return (
    <section class="narrow">
      <p class="label">An app asks for access</p>
      <h1>
        <bdi>{request.clientName ?? 'An app without a name'}</bdi> wants to use your TradeCafe account
      </h1>
      {problem !== undefined && (
        <Notice kind="error" title={problem.title}>
          {problem.text !== undefined && <p>{problem.text}</p>}
        </Notice>
      )}
      <AppIdentity request={request} userCode={userCode} userName={userName} />
      {writes && <WriteWarning {...props} />}
      <form class="token-form" method="post" action={form.action} novalidate>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {Object.entries(form.hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <ScopeBoxes {...props} />
        {writes && mayWrite && <WriteLimits {...props} />}
        <EarlierGrants earlier={earlier} shared={request.shared} values={values} now={now} />
        <p class="actions">
          {writes && !mayWrite && (
            <a class="button" href={signInAgain}>
              Sign in again
            </a>
          )}
          {grantable.length > 0 && (
            <button
              class={writes && !mayWrite ? 'button button-quiet' : 'button'}
              type="submit"
              name="decision"
              value="authorize"
            >
              {writes && !mayWrite ? 'Authorize without trading' : 'Authorize'}
            </button>
          )}
          <button class="button button-quiet" type="submit" name="decision" value="cancel">
            Cancel
          </button>
        </p>
      </form>
      <p class="hint">You can end this at any time: it is listed among your apps.</p>
    </section>
  );
}

function ScopeBoxes({ request, mayWrite, values, errors }: ConsentPageProps) {
  return (
    <Fieldset legend="It may" name="scopes" error={errors.scopes}>
      {request.scopes.map((scope, index) => (
        <Choice
          key={scope}
          type="checkbox"
          name="scopes"
          value={scope}
          checked={values.scopes.includes(scope) && (mayWrite || !isWrite(scope))}
          disabled={!mayWrite && isWrite(scope)}
          autofocus={errors.scopes !== undefined && index === 0}
        >
          {SCOPES[scope]} <code>{scope}</code>
        </Choice>
      ))}
    </Fieldset>
  );
}

function WriteWarning({ mayWrite }: ConsentPageProps) {
  return (
    <Notice kind="warning" title="It asks to trade with your real money.">
      <p>
        AI clients can be wrong or misled. With this right the app can approve pending trades and close positions in
        your name. Allow it only if you trust the app, and only if you need it.
      </p>
      {!mayWrite && (
        <p>
          You signed in too long ago to allow this. Sign in again, which leads back to this page, or go on without it.
        </p>
      )}
    </Notice>
  );
}

function WriteLimits({ values, errors }: ConsentPageProps) {
  return (
    <>
      <Fieldset legend="If it may trade" name="limits">
        <Choice type="checkbox" name="read_only" value="yes" checked={values.readOnly}>
          Read only after all: leave trading out
        </Choice>
        <Choice
          type="checkbox"
          name="write_policy"
          value="human_required"
          checked={values.writePolicy === 'human_required'}
        >
          Ask me in the app before each trade
        </Choice>
      </Fieldset>
      <TextField
        name="max_trade_usdt"
        label="Largest trade it may approve, in USDT"
        hint="Empty: no limit. Closing a position is never limited."
        value={values.maxTradeUsdt}
        error={errors.max_trade_usdt}
        autofocus={errors.max_trade_usdt !== undefined && errors.scopes === undefined}
        inputMode="decimal"
      />
    </>
  );
}
