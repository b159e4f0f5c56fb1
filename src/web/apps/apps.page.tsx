import { Fact, Facts } from '../page/facts.js';
import { Moment } from '../page/moment.js';
import { Notice } from '../page/notice.js';
import { Rights } from '../tokens/rights.js';
import { LastUse } from '../tokens/last-use.js';
import type { AppView } from './app-view.js';

export interface AppsPageProps {
  readonly apps: readonly AppView[];
  readonly now: Date;
  /** The app that was ended just now. */
  readonly ended: AppView | undefined;
}

/** The apps that somebody allowed in by signing in there. */
export function AppsPage({ apps, now, ended }: AppsPageProps) {
  return (
    <section>
      <p class="label">Settings</p>
      <h1>Connected apps</h1>
      <p class="lead">
        An app that you signed in to with TradeCafe works with its own permission, without a token of yours. Here you
        see what you allowed, and take it back.
      </p>
      {ended !== undefined && (
        <Notice kind="done" title={`“${ended.name}” is out.`}>
          <p>What it had opens nothing any more. It can only come back by asking you again.</p>
        </Notice>
      )}
      {apps.length === 0 ? (
        <p class="empty">
          No app is connected. Add this server to a client that can sign in by itself, such as Claude, Cursor or VS
          Code: <a href="/docs">here is how</a>. For the others, <a href="/settings/tokens">create a token</a>.
        </p>
      ) : (
        <ul class="tokens">
          {apps.map((app) => (
            <AppCard key={app.id} app={app} now={now} />
          ))}
        </ul>
      )}
    </section>
  );
}

function AppCard({ app, now }: { readonly app: AppView; readonly now: Date }) {
  return (
    <li class="token">
      <div class="token-head">
        <div class="token-title">
          <h2 class="card-title">
            <bdi>{app.name}</bdi>
          </h2>
          <Verified app={app} />
        </div>
        <p class="token-actions">
          <a class="button button-quiet" href={`/settings/apps/${app.id}/revoke`} aria-label={`Revoke ${app.name}`}>
            Revoke
          </a>
        </p>
      </div>
      <Rights of={app} />
      <Facts>
        <Fact label="Allowed">
          <Moment at={app.createdAt} now={now} />
        </Fact>
        <Fact label="Last used">
          <LastUse of={app} now={now} />
        </Fact>
        <Fact label="Ends">
          <Moment at={app.expiresAt} now={now} />
        </Fact>
      </Facts>
    </li>
  );
}

/** Whether anybody but the app itself says who it is. */
export function Verified({ app }: { readonly app: AppView }) {
  if (app.verified) return <span class="chip">TradeCafe’s own client</span>;
  return <span class="chip chip-warn">Not verified: its name is its own claim</span>;
}
