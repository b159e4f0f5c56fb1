import type { Principal } from '../../auth/principal.js';
import type { Scope } from '../../auth/scopes.js';
import type { UserUpstream } from '../../pwa-be/pwa-be.client.js';

/** What a completer may look at. */
interface CompletionContext {
  readonly principal: Principal;
  readonly upstream: UserUpstream;
}

/** Suggestions for one argument. */
export type Completer =
  | {
      /** The same for everybody. */
      readonly values: readonly string[];
    }
  | {
      /** Any one of them opens it; a caller who has none is suggested nothing. */
      readonly scopes: readonly [Scope, ...Scope[]];
      /** The caller's own, likeliest first, from what his scopes allow; duplicates do no harm. */
      read(context: CompletionContext): Promise<readonly string[]>;
    };
