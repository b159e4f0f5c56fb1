import { Confirm, Losses } from '../page/confirm.js';
import { Fact, Facts } from '../page/facts.js';
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
    <Confirm
      label="Revoke a token"
      title={
        <>
          Revoke <bdi>{token.name}</bdi>?
        </>
      }
      form={{
        action: `/settings/tokens/${token.id}/revoke`,
        csrfToken,
        submit: 'Revoke token',
        danger: true,
        cancel: { href: '/settings/tokens', label: 'Keep it' },
      }}
    >
      <p class="lead">
        Every client and script that uses <code>{token.hint}</code> is locked out at once, wherever it runs. This cannot
        be undone; you would have to create a new token and hand it out again.
      </p>
      <Facts>
        <Fact label="Last used">
          <LastUse of={token} now={now} />
        </Fact>
      </Facts>
      <Losses scopes={token.scopes} who="they" />
    </Confirm>
  );
}
