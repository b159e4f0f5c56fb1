import { Moment } from '../page/moment.js';
import { Fact, Facts } from '../page/facts.js';
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
        <div class="token-title">
          <h3>
            <bdi>{token.name}</bdi>
          </h3>
          <code class="token-hint">{token.hint}</code>
        </div>
        {live && (
          <p class="token-actions">
            {!token.replaced && <Action of={token} name="Rotate" />}
            <Action of={token} name="Revoke" />
          </p>
        )}
      </div>
      {live && <Advice token={token} now={now} />}
      <Rights of={token} />
      <Facts>
        <Fact label="Created">
          <Moment at={token.createdAt} now={now} />
        </Fact>
        <Fact label="Last used">
          <LastUse of={token} now={now} />
        </Fact>
        <Fact label={end(token, now)}>
          <End token={token} now={now} />
        </Fact>
      </Facts>
    </li>
  );
}

function Action({ of: { id, name: whose }, name }: { readonly of: TokenView; readonly name: 'Rotate' | 'Revoke' }) {
  return (
    <a
      class="button button-quiet"
      href={`/settings/tokens/${id}/${name.toLowerCase()}`}
      aria-label={`${name} ${whose}`}
    >
      {name}
    </a>
  );
}

/** What its owner should think about, if anything. */
function Advice({ token, now }: { readonly token: TokenView; readonly now: Date }) {
  const advice = adviceOn(token, now);
  return advice === undefined ? null : <p class="advice">{advice}</p>;
}

function adviceOn({ expiresAt, lastUsedAt, createdAt, replaced }: TokenView, now: Date): string | undefined {
  const since = (at: Date): number => now.getTime() - at.getTime();
  if (replaced) return 'Another one was made in its place. It ends soon: give its clients the new one until then.';
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
