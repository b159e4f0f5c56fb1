import { isLive, type TokenView } from './token-view.js';

export interface AlreadyCreatedPageProps {
  /** Undefined: it ended so long ago that it is not listed any more. */
  readonly token: TokenView | undefined;
  readonly now: Date;
}

/** The answer to a form that was sent before: reloading "Token created" comes here. */
export function AlreadyCreatedPage({ token, now }: AlreadyCreatedPageProps) {
  return (
    <section class="narrow">
      <p class="label">Nothing new was created</p>
      <h1>This form was sent before</h1>
      <p class="lead">
        The token that it made{' '}
        {token !== undefined && (
          <>
            is <bdi>{token.name}</bdi> (<code>{token.hint}</code>). It{' '}
          </>
        )}
        was shown once, on the page right after, and cannot be shown again: we store only what it takes to recognise it,
        so that nobody who reads our database can use it.
      </p>
      <p>Did you save it? Then all is well. If not, rotate it: that makes a new one in its place.</p>
      <p class="actions">
        {token !== undefined && isLive(token, now) && (
          <a class="button" href={`/settings/tokens/${token.id}/rotate`}>
            Rotate it
          </a>
        )}
        <a class="button button-quiet" href="/settings/tokens">
          To your tokens
        </a>
      </p>
    </section>
  );
}
