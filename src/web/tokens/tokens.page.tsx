import { Notice } from '../page/notice.js';
import { TokenCard } from './token-card.js';
import type { TokenFormErrors, TokenFormValues } from './token-form.js';
import { TokenForm } from './token-form.view.js';
import { isLive, type TokenView } from './token-view.js';

/** What the page says above everything else. */
export interface TokensNotice {
  readonly kind: 'done' | 'error';
  readonly title: string;
  readonly text?: string;
}

export interface TokensPageProps {
  readonly tokens: readonly TokenView[];
  readonly now: Date;
  readonly csrfToken: string;
  readonly values: TokenFormValues;
  readonly errors: TokenFormErrors;
  readonly notice?: TokensNotice | undefined;
}

/** A person's tokens, and the form for another one. */
export function TokensPage({ tokens, now, csrfToken, values, errors, notice }: TokensPageProps) {
  const live = tokens.filter((token) => isLive(token, now));
  const dead = tokens.filter((token) => !isLive(token, now));
  return (
    <>
      <section>
        <p class="label">Settings</p>
        <h1>Access tokens</h1>
        <p class="lead">
          A token lets one AI client or script act for you at TradeCafe, within the limits that you set here. Give each
          its own, so that you can take back one without the others.
        </p>
        {notice !== undefined && (
          <Notice kind={notice.kind} title={notice.title}>
            {notice.text !== undefined && <p>{notice.text}</p>}
          </Notice>
        )}
        {live.length === 0 ? (
          <p class="empty">You have no live tokens. Create one below and connect your first client.</p>
        ) : (
          <ul class="tokens" aria-label="Live tokens">
            {live.map((token) => (
              <TokenCard key={token.id} token={token} now={now} />
            ))}
          </ul>
        )}
        {dead.length > 0 && (
          <details class="fold">
            <summary>Ended in the last 30 days ({dead.length})</summary>
            <ul class="tokens">
              {dead.map((token) => (
                <TokenCard key={token.id} token={token} now={now} />
              ))}
            </ul>
          </details>
        )}
      </section>
      <section aria-labelledby="new">
        <h2 id="new">Create a token</h2>
        <TokenForm csrfToken={csrfToken} values={values} errors={errors} />
      </section>
    </>
  );
}
