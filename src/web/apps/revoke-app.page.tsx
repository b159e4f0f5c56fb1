import { Confirm, Losses } from '../page/confirm.js';
import { Fact, Facts } from '../page/facts.js';
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
    <Confirm
      label="Revoke an app"
      title={
        <>
          End what <bdi>{app.name}</bdi> may do?
        </>
      }
      form={{
        action: `/settings/apps/${app.id}/revoke`,
        csrfToken,
        submit: 'Revoke app',
        danger: true,
        cancel: { href: '/settings/apps', label: 'Keep it' },
      }}
    >
      <p>
        <Verified app={app} />
      </p>
      <p class="lead">It is locked out at once, wherever you use it. To use it again you sign in there anew.</p>
      <Facts>
        <Fact label="Last used">
          <LastUse of={app} now={now} />
        </Fact>
        <Fact label="Client id">
          <code>{app.clientId}</code>
        </Fact>
      </Facts>
      <Losses scopes={app.scopes} who="it" />
    </Confirm>
  );
}
