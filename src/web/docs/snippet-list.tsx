import { CodeBlock } from '../page/code-block.js';
import type { Snippet } from './snippets.js';

/** How to tell each client about this service; the first one is open. */
export function SnippetList({ snippets }: { readonly snippets: readonly Snippet[] }) {
  return (
    <div class="fold-list">
      {snippets.map(({ id, client, where, text }, index) => (
        <details key={id} class="fold" name="snippets" open={index === 0}>
          <summary>{client}</summary>
          <p>{where}</p>
          <CodeBlock id={`snippet-${id}`} label={`For ${client}`} text={text} />
        </details>
      ))}
    </div>
  );
}
