import { SCOPES } from '../../auth/scopes.js';
import { Moment } from '../page/moment.js';
import { canTrade, isLive, rightsInShort, type TokenView } from './token-view.js';

const SOON_MS = 7 * 86_400_000;

/** One token in the list; a dead one says how it ended and offers nothing. */
export function TokenCard({ token, now }: { readonly token: TokenView; readonly now: Date }) {
  const live = isLive(token, now);
  return (
    <li class={live ? 'token' : 'token token-dead'}>
      <div class="token-head">
        <h3>
          <bdi>{token.name}</bdi>
        </h3>
        <code class="token-hint">{token.hint}</code>
        {live && (
          <a
            class="button button-quiet"
            href={`/settings/tokens/${token.id}/revoke`}
            aria-label={`Revoke ${token.name}`}
          >
            Revoke
          </a>
        )}
      </div>
      <details class="rights">
        <summary class={canTrade(token) ? 'warn' : undefined}>{rightsInShort(token)}</summary>
        <ul>
          {token.scopes.map((scope) => (
            <li key={scope}>{SCOPES[scope]}</li>
          ))}
        </ul>
      </details>
      <dl class="facts">
        <div>
          <dt class="label">Created</dt>
          <dd>
            <Moment at={token.createdAt} now={now} />
          </dd>
        </div>
        <div>
          <dt class="label">Last used</dt>
          <dd>
            <LastUse token={token} now={now} />
          </dd>
        </div>
        <div>
          <dt class="label">{end(token, now)}</dt>
          <dd>
            <End token={token} now={now} />
          </dd>
        </div>
      </dl>
    </li>
  );
}

/** When, from where and by what program; the program's name is its own claim. */
export function LastUse({
  token: { lastUsedAt, lastUsedIp, lastUsedClient },
  now,
}: {
  readonly token: TokenView;
  readonly now: Date;
}) {
  if (lastUsedAt === null) return <>Never</>;
  return (
    <>
      <Moment at={lastUsedAt} now={now} />
      {lastUsedIp !== null && <span class="from"> from {lastUsedIp}</span>}
      {lastUsedClient !== null && (
        <span class="from">
          {' '}
          by <bdi>{lastUsedClient}</bdi>
        </span>
      )}
    </>
  );
}

function end({ revokedAt, expiresAt }: TokenView, now: Date): string {
  if (revokedAt !== null) return 'Revoked';
  return expiresAt !== null && expiresAt <= now ? 'Expired' : 'Expires';
}

function End({ token: { revokedAt, expiresAt }, now }: { readonly token: TokenView; readonly now: Date }) {
  const at = revokedAt ?? expiresAt;
  if (at === null) return <span class="warn">Never</span>;
  const soon = at > now && at.getTime() - now.getTime() < SOON_MS;
  return (
    <span class={soon ? 'warn' : undefined}>
      <Moment at={at} now={now} />
    </span>
  );
}
