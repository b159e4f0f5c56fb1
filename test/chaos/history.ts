/** What a client was told: `ok`, an error code of the table, `lost` when no answer came, or `unforeseen` and a status. */
type Told = string;

/** A preview that a client saw, and what it was handed. Times here and below are the driver's, epoch milliseconds. */
export interface DryRun {
  readonly kind: 'dry_run';
  readonly at: number;
  readonly told: Told;
  /** SHA-256 of the action token, hex; empty when none came. */
  readonly tokenHash: string;
  readonly user: string;
  readonly tool: string;
  readonly target: string;
}

interface CommitCall {
  readonly kind: 'commit';
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly instance: number;
  readonly tokenHash: string;
  readonly told: Told;
  /** The Idempotency-Key that came with it, at /v1. */
  readonly clientKey?: string;
}

/** An answer 200 to a freeze. */
interface Freeze {
  readonly kind: 'freeze';
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly user: string;
  /** Ids of the commits that the answer lists. */
  readonly inFlight: readonly string[];
}

interface Resume {
  readonly kind: 'resume';
  readonly sentAt: number;
  readonly user: string;
}

/** An answer 204 to a revocation. */
interface Revoke {
  readonly kind: 'revoke';
  readonly answeredAt: number;
  readonly credentialId: string;
  /** Ids of its commits that were in the ledger when the answer came. */
  readonly inLedger: readonly string[];
}

/** What was done to the fleet. */
interface Blow {
  readonly kind: 'kill' | 'stop' | 'cut' | 'fault';
  readonly at: number;
  readonly what: string;
}

export type HistoryEvent = DryRun | CommitCall | Freeze | Resume | Revoke | Blow;

/** Everything that clients saw and that was done to the fleet, in the order of recording. */
export class History {
  readonly events: HistoryEvent[] = [];

  add(event: HistoryEvent): void {
    this.events.push(event);
  }

  blow(kind: Blow['kind'], what: string): void {
    this.add({ kind, what, at: Date.now() });
  }

  count(kind: HistoryEvent['kind']): number {
    return this.events.filter((event) => event.kind === kind).length;
  }
}
