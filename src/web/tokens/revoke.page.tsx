import { SCOPES } from '../../auth/scopes.js';
import { LastUse } from './last-use.js';
import type { TokenView } from './token-view.js';

export interface RevokePageProps {
  readonly token: TokenView;
  readonly now: Date;
  readonly csrfToken: string;
}

/** Asks before a token is ended, and says what stops working. */
export function RevokePage({ token, now, csrfToken }: RevokePageProps) {
  return (
    <section class="narrow">
      <p class="label">Revoke a token</p>
      <h1>
        Revoke <bdi>{token.name}</bdi>?
      </h1>
      <p class="lead">
        Every client and script that uses <code>{token.hint}</code> is locked out at once, wherever it runs. This cannot
        be undone; you would have to create a new token and hand it out again.
      </p>
      <dl class="facts">
        <div>
          <dt class="label">Last used</dt>
          <dd>
            <LastUse of={token} now={now} />
          </dd>
        </div>
      </dl>
      <p>What they will no longer be able to do:</p>
      <ul>
        {token.scopes.map((scope) => (
          <li key={scope}>{SCOPES[scope]}</li>
        ))}
      </ul>
      <form method="post" action={`/settings/tokens/${token.id}/revoke`}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <p class="actions">
          <button class="button button-danger" type="submit">
            Revoke token
          </button>
          <a class="button button-quiet" href="/settings/tokens">
            Keep it
          </a>
        </p>
      </form>
    </section>
  );
}
