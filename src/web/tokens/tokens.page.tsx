import { Notice } from '../page/notice.js';
import { TokenCard } from './token-card.js';
import type { TokenFormErrors, TokenFormValues } from './token-form.js';
import { TokenForm } from './token-form.view.js';
import { isLive, type TokenView } from './token-view.js';
import type { TokensNotice } from './tokens-notice.js';

export interface TokensPageProps {
  readonly tokens: readonly TokenView[];
  readonly now: Date;
  readonly csrfToken: string;
  /** Makes the form count once. */
  readonly nonce: string;
  readonly values: TokenFormValues;
  readonly errors: TokenFormErrors;
  readonly notice?: TokensNotice | undefined;
}

/** A person's tokens, and the form for another one; a form that needs another look comes first. */
export function TokensPage({ tokens, now, csrfToken, nonce, values, errors, notice }: TokensPageProps) {
  const list = <TokenList key="list" tokens={tokens} now={now} />;
  const form = (
    <section key="form" aria-labelledby="new">
      <h2 id="new">Create a token</h2>
      <TokenForm csrfToken={csrfToken} nonce={nonce} values={values} errors={errors} />
    </section>
  );
  return (
    <>
      <section>
        <p class="label">Settings</p>
        <div class="title-row">
          <h1>Access tokens</h1>
          <a class="button button-quiet" href="#new">
            Create a token
          </a>
        </div>
        <p class="lead">
          A token lets one AI client or script act for you at TradeCafe, within the limits that you set here. Give each
          its own, so that you can take back one without the others.
        </p>
        {notice !== undefined && (
          <Notice kind={notice.kind} title={notice.title}>
            {notice.text !== undefined && <p>{notice.text}</p>}
            {notice.link !== undefined && (
              <p>
                <a href={notice.link.href}>{notice.link.label}</a>
              </p>
            )}
          </Notice>
        )}
      </section>
      {notice === undefined || notice.kind === 'done' ? [list, form] : [form, list]}
    </>
  );
}

function TokenList({ tokens, now }: Pick<TokensPageProps, 'tokens' | 'now'>) {
  const live = tokens.filter((token) => isLive(token, now));
  const dead = tokens.filter((token) => !isLive(token, now));
  return (
    <section aria-labelledby="live">
      <h2 id="live">Live tokens</h2>
      {live.length === 0 ? (
        <p class="empty">
          You have none yet. <a href="#new">Create one</a>, and the page after it connects your first client. A client
          that can sign in by itself needs none: <a href="/docs">see how</a>.
        </p>
      ) : (
        <Cards tokens={live} now={now} />
      )}
      {dead.length > 0 && (
        <details class="fold">
          <summary>Ended in the last 30 days ({dead.length})</summary>
          <Cards tokens={dead} now={now} />
        </details>
      )}
    </section>
  );
}

function Cards({ tokens, now }: Pick<TokensPageProps, 'tokens' | 'now'>) {
  return (
    <ul class="tokens">
      {tokens.map((token) => (
        <TokenCard key={token.id} token={token} now={now} />
      ))}
    </ul>
  );
}
