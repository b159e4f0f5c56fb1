import { Moment } from '../page/moment.js';
import { LastUse } from './last-use.js';
import { Rights } from './rights.js';
import { isLive, type TokenView } from './token-view.js';

const DAY_MS = 86_400_000;
const SOON_MS = 7 * DAY_MS;
const UNUSED_DAYS = 60;
const FRESH_MS = 15 * 60_000;

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
          <p class="token-actions">
            <a
              class="button button-quiet"
              href={`/settings/tokens/${token.id}/rotate`}
              aria-label={`Rotate ${token.name}`}
            >
              Rotate
            </a>
            <a
              class="button button-quiet"
              href={`/settings/tokens/${token.id}/revoke`}
              aria-label={`Revoke ${token.name}`}
            >
              Revoke
            </a>
          </p>
        )}
      </div>
      {live && <Advice token={token} now={now} />}
      <Rights of={token} />
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
            <LastUse of={token} now={now} />
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

/** What its owner should think about, if anything. */
function Advice({ token, now }: { readonly token: TokenView; readonly now: Date }) {
  const advice = adviceOn(token, now);
  return advice === undefined ? null : <p class="advice">{advice}</p>;
}

function adviceOn({ expiresAt, lastUsedAt, createdAt }: TokenView, now: Date): string | undefined {
  const since = (at: Date): number => now.getTime() - at.getTime();
  if (expiresAt !== null && -since(expiresAt) < SOON_MS) {
    return 'It expires soon. Rotate it, so that the clients that use it go on.';
  }
  const idleDays = Math.floor(since(lastUsedAt ?? createdAt) / DAY_MS);
  if (idleDays >= UNUSED_DAYS) return `Not used for ${idleDays} days. If nothing needs it any more, revoke it.`;
  if (lastUsedAt === null && since(createdAt) < FRESH_MS) {
    return 'It was shown once, when it was created; we keep no copy that could be shown again. Not saved? Rotate it.';
  }
  return undefined;
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
