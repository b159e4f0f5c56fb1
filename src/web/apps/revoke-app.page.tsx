import { SCOPES } from '../../auth/scopes.js';
import { LastUse } from '../tokens/last-use.js';
import { Verified } from './apps.page.js';
import type { AppView } from './app-view.js';

export interface RevokeAppPageProps {
  readonly app: AppView;
  readonly now: Date;
  readonly csrfToken: string;
}

/** Asks before an app is put out, and says what stops working. */
export function RevokeAppPage({ app, now, csrfToken }: RevokeAppPageProps) {
  return (
    <section class="narrow">
      <p class="label">Revoke an app</p>
      <h1>
        End what <bdi>{app.name}</bdi> may do?
      </h1>
      <p>
        <Verified app={app} />
      </p>
      <p class="lead">It is locked out at once, wherever you use it. To use it again you sign in there anew.</p>
      <dl class="facts">
        <div>
          <dt class="label">Last used</dt>
          <dd>
            <LastUse of={app} now={now} />
          </dd>
        </div>
        <div>
          <dt class="label">Client id</dt>
          <dd>
            <code>{app.clientId}</code>
          </dd>
        </div>
      </dl>
      <p>What it will no longer be able to do:</p>
      <ul>
        {app.scopes.map((scope) => (
          <li key={scope}>{SCOPES[scope]}</li>
        ))}
      </ul>
      <form method="post" action={`/settings/apps/${app.id}/revoke`}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <p class="actions">
          <button class="button button-danger" type="submit">
            Revoke app
          </button>
          <a class="button button-quiet" href="/settings/apps">
            Keep it
          </a>
        </p>
      </form>
    </section>
  );
}
