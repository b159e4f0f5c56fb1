import { SnippetList } from '../docs/snippet-list.js';
import { snippets } from '../docs/snippets.js';
import { CodeBlock } from '../page/code-block.js';
import { Notice } from '../page/notice.js';
import { absoluteTime } from '../page/times.js';
import { installLinks } from './install-links.js';
import { rightsInShort, type TokenView } from './token-view.js';

export interface CreatedPageProps {
  readonly token: TokenView;
  /** The token itself. */
  readonly secret: string;
  readonly apiPublicUrl: string;
  /** Rotated: when the one it replaces ends; null: it has ended. */
  readonly oldEndsAt?: Date | null;
}

/** The only page that ever shows the token: it is stored nowhere, so that nobody can show it again. */
export function CreatedPage({ token, secret, apiPublicUrl, oldEndsAt }: CreatedPageProps) {
  return (
    <>
      <section>
        <p class="label">{oldEndsAt === undefined ? 'Token created' : 'Token rotated'}</p>
        <h1>
          <bdi>{token.name}</bdi>
        </h1>
        <p class="lead">
          {rightsInShort(token)}.{' '}
          {token.expiresAt === null ? 'Never expires' : `Expires on ${absoluteTime(token.expiresAt)}`}.
          {oldEndsAt !== undefined && ` ${endOfOld(oldEndsAt)}`}
        </p>
        <Notice kind="warning" title="Copy it now: it is shown this once">
          <p>We keep no copy and cannot show it again. If it is lost, rotate it on your list of tokens.</p>
        </Notice>
        <CodeBlock id="token" label="Your new token" text={secret} />
      </section>
      <section aria-labelledby="use">
        <h2 id="use">Use it</h2>
        <p>Your token is filled in. Let an application on this computer add it:</p>
        <p class="actions">
          {installLinks(apiPublicUrl, secret).map(({ client, href }) => (
            <a key={client} class="button button-quiet" href={href}>
              Add to {client}
            </a>
          ))}
        </p>
        <p>Or take the text for your client:</p>
        <SnippetList snippets={snippets(apiPublicUrl, secret)} />
      </section>
      <section aria-labelledby="test" data-test-endpoint={`${apiPublicUrl}/mcp`} hidden>
        <h2 id="test">Test it</h2>
        <p>Asks {apiPublicUrl}/mcp, with this token, which tools it opens.</p>
        <p class="actions">
          <button class="button button-quiet" type="button">
            Test it now
          </button>
        </p>
        <output class="test-result" />
      </section>
      <section aria-labelledby="ask">
        <h2 id="ask">Ask</h2>
        <p>
          In your client, “How did my trades do this month?” is a good first question. What it does then appears under{' '}
          <a href="/settings/activity" target="_blank">
            your activity
          </a>
          .
        </p>
      </section>
      <p class="actions">
        <a class="button" href="/settings/tokens">
          I have saved it
        </a>
      </p>
    </>
  );
}

function endOfOld(at: Date | null): string {
  return at === null ? 'The old one has ended.' : `The old one works until ${absoluteTime(at)}.`;
}
