import type { Scope } from './scopes.js';

export type PrincipalKind = 'pat' | 'oauth' | 'session';

/** How a write of this credential is confirmed: its action token alone, or also a person asked through the client. */
export type WritePolicy = 'token_only' | 'human_required';

/** Who is calling, and with which rights. The same shape for every credential and transport. */
export interface Principal {
  readonly userId: string;
  /** PAT: its id. OAuth: the grant's id, so that a preview survives a refresh. Session: `session`. */
  readonly credentialId: string;
  readonly kind: PrincipalKind;
  /** What the person called the token, or the client's registered name. */
  readonly credentialName: string | null;
  /** OAuth only. */
  readonly clientId?: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Largest approval in USDT; null: no cap. */
  readonly maxTradeUsdt: number | null;
  readonly writePolicy: WritePolicy;
}
