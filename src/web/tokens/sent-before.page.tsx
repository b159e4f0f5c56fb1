import { isLive, type TokenView } from './token-view.js';

export interface SentBeforePageProps {
  /** What the form does: it makes a token, or one in place of another. */
  readonly made: 'created' | 'rotated';
  /** What came of it; undefined: it ended so long ago that it is not listed any more. */
  readonly token: TokenView | undefined;
  readonly now: Date;
}

const WORDS = {
  created: { title: 'This form was sent before', lead: 'The token that it made' },
  rotated: { title: 'This token was replaced already', lead: 'The one in its place' },
} as const;

/** The answer to a form that was sent before: reloading the page that showed a token comes here. */
export function SentBeforePage({ made, token, now }: SentBeforePageProps) {
  const { title, lead } = WORDS[made];
  return (
    <section class="narrow">
      <p class="label">Nothing new was created</p>
      <h1>{title}</h1>
      <p class="lead">
        {lead}{' '}
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
        {token !== undefined && !token.replaced && isLive(token, now) && (
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
