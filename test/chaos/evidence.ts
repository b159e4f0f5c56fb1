import type { HistoryEvent } from './history.js';

/** One PUT as it arrived at the sandbox. All times are epoch milliseconds. */
export interface Put {
  readonly at: number;
  readonly user: string | null;
  readonly tool: string;
  readonly target: string;
  readonly key: string | null;
}

/** A row of action_tokens; times are the database's. */
export interface TokenRow {
  readonly hash: string;
  readonly expiresAt: number;
  readonly used: boolean;
}

/** A row of the ledger; times are the database's. */
export interface LedgerRow {
  readonly id: string;
  readonly tokenHash: string;
  readonly key: string;
  readonly user: string;
  readonly credentialId: string;
  readonly status: string;
  readonly createdAt: number;
  readonly sendBefore: number;
}

/** An audit row of a commit. */
export interface AuditRow {
  readonly commitId: string;
  readonly outcome: string;
  readonly at: number;
}

/** All that a run left behind. */
export interface Evidence {
  readonly events: readonly HistoryEvent[];
  readonly puts: readonly Put[];
  /** What was applied, from the sandbox's journal. */
  readonly effects: readonly Put[];
  readonly tokens: readonly TokenRow[];
  readonly commits: readonly LedgerRow[];
  readonly audits: readonly AuditRow[];
  /** Add to a time of the driver's or the sandbox's to get the database's. */
  readonly clock: { readonly offsetMs: number; readonly errorMs: number };
  /** How long after its last look at the clock a PUT may arrive. */
  readonly putMs: number;
}
