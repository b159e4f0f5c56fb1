import { SCOPES } from '../../auth/scopes.js';
import { canTrade, rightsInShort, type Rights as RightsView } from './token-view.js';

/** Rights in a few words, and each in its full sentence on demand. */
export function Rights({ of }: { readonly of: RightsView }) {
  return (
    <details class="rights">
      <summary class={canTrade(of) ? 'warn' : undefined}>{rightsInShort(of)}</summary>
      <ul>
        {of.scopes.map((scope) => (
          <li key={scope}>{SCOPES[scope]}</li>
        ))}
      </ul>
    </details>
  );
}
