import { Choice, Fieldset } from '../page/fields.js';
import { LastUse } from './last-use.js';
import type { TokenView } from './token-view.js';

/** How long the old secret goes on, in minutes. */
const GRACES = [
  ['0', 'Not at all', 'Its clients stop until they have the new one. Right when it may have leaked.'],
  ['60', 'One hour', 'Time to change it in one place.'],
  ['1440', 'One day', 'Time to change it everywhere.'],
] as const;

export interface RotatePageProps {
  readonly token: TokenView;
  readonly now: Date;
  readonly csrfToken: string;
}

/** Offers a new secret in place of a token's present one. */
export function RotatePage({ token, now, csrfToken }: RotatePageProps) {
  return (
    <section class="narrow">
      <p class="label">Rotate a token</p>
      <h1>
        A new secret for <bdi>{token.name}</bdi>
      </h1>
      <p class="lead">
        You get a new token with the same name, permissions, limits and length of life. The old one,{' '}
        <code>{token.hint}</code>, ends. Previews made with it can no longer be confirmed, whichever you choose.
      </p>
      <dl class="facts">
        <div>
          <dt class="label">Last used</dt>
          <dd>
            <LastUse of={token} now={now} />
          </dd>
        </div>
      </dl>
      <form class="token-form" method="post" action={`/settings/tokens/${token.id}/rotate`}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <Fieldset legend="The old one works for" name="grace_minutes">
          {GRACES.map(([value, title, text]) => (
            <Choice key={value} type="radio" name="grace_minutes" value={value} checked={value === '60'}>
              <strong>{title}</strong>
              <span>{text}</span>
            </Choice>
          ))}
        </Fieldset>
        <p class="actions">
          <button class="button" type="submit">
            Rotate token
          </button>
          <a class="button button-quiet" href="/settings/tokens">
            Leave it
          </a>
        </p>
      </form>
    </section>
  );
}
