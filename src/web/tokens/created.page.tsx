import { SnippetList } from '../docs/snippet-list.js';
import { snippets } from '../docs/snippets.js';
import { CodeBlock } from '../page/code-block.js';
import { Notice } from '../page/notice.js';
import { rightsInShort, type TokenView } from './token-view.js';
import { absoluteTime } from '../page/times.js';

export interface CreatedPageProps {
  readonly token: TokenView;
  /** The token itself. */
  readonly secret: string;
  readonly apiPublicUrl: string;
}

/** The only page that ever shows the token: it is stored nowhere, so that nobody can show it again. */
export function CreatedPage({ token, secret, apiPublicUrl }: CreatedPageProps) {
  return (
    <>
      <section>
        <p class="label">Token created</p>
        <h1>
          <bdi>{token.name}</bdi>
        </h1>
        <p class="lead">
          {rightsInShort(token)}.{' '}
          {token.expiresAt === null ? 'Never expires' : `Expires on ${absoluteTime(token.expiresAt)}`}.
        </p>
        <Notice kind="warning" title="Copy it now: it is shown this once">
          <p>We keep no copy and cannot show it again. If it is lost, revoke it and create another.</p>
        </Notice>
        <CodeBlock id="token" label="Your new token" text={secret} />
      </section>
      <section aria-labelledby="use">
        <h2 id="use">Use it</h2>
        <p>Your token is filled in. Take the one for your client:</p>
        <SnippetList snippets={snippets(apiPublicUrl, secret)} />
      </section>
      <p class="actions">
        <a class="button" href="/settings/tokens">
          I have saved it
        </a>
      </p>
    </>
  );
}
