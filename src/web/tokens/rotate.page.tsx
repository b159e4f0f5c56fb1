import { Confirm } from '../page/confirm.js';
import { Fact, Facts } from '../page/facts.js';
import { Choice, Fieldset } from '../page/fields.js';
import { LastUse } from './last-use.js';
import type { TokenView } from './token-view.js';

/** How long the old secret goes on, in minutes. */
const GRACES = [
  ['0', 'Not at all', 'Its clients stop until they have the new one. Right when it may have leaked.'],
  ['60', 'One hour', 'Time to change it in one place.'],
  ['1440', 'One day', 'Time to change it everywhere.'],
] as const;

/** What the page proposes. */
export const DEFAULT_GRACE = '60';

/** Whole minutes of a form; undefined for what the page does not offer. */
export function readGrace(text: string | undefined): number | undefined {
  return GRACES.some(([value]) => value === text) ? Number(text) : undefined;
}

export interface RotatePageProps {
  readonly token: TokenView;
  readonly now: Date;
  readonly csrfToken: string;
  /** The chosen one of GRACES; anything else: none. */
  readonly grace: string;
  readonly error?: string;
}

/** Offers a new secret in place of a token's present one. */
export function RotatePage({ token, now, csrfToken, grace, error }: RotatePageProps) {
  return (
    <Confirm
      label="Rotate a token"
      title={
        <>
          A new secret for <bdi>{token.name}</bdi>
        </>
      }
      form={{
        action: `/settings/tokens/${token.id}/rotate`,
        csrfToken,
        submit: 'Rotate token',
        cancel: { href: '/settings/tokens', label: 'Leave it' },
        fields: (
          <Fieldset legend="The old one works for" name="grace_minutes" error={error}>
            {GRACES.map(([value, title, text]) => (
              <Choice key={value} type="radio" name="grace_minutes" value={value} checked={value === grace}>
                <strong>{title}</strong>
                <span>{text}</span>
              </Choice>
            ))}
          </Fieldset>
        ),
      }}
    >
      <p class="lead">
        You get a new token with the same name, permissions, limits and length of life. The old one,{' '}
        <code>{token.hint}</code>, ends. Previews made with it can no longer be confirmed, whichever you choose.
      </p>
      <Facts>
        <Fact label="Last used">
          <LastUse of={token} now={now} />
        </Fact>
      </Facts>
    </Confirm>
  );
}
