import { refusal, type Answer } from './answer.js';
import { BoundedLog } from './bounded-log.js';
import { demoData } from './data/demo-data.js';
import type { RiskSettings } from './risk-engine.js';
import { approve, close } from './transitions.js';
import type { UserData } from './wire-records.js';

/** One applied effect: the ground truth that tests compare with. */
export interface JournalEntry {
  seq: number;
  /** ISO 8601 */
  at: string;
  user: string;
  action: WriteAction;
  id: string;
  idempotency_key: string | null;
}

export type WriteAction = 'approve' | 'close';

export interface SandboxSettings {
  /** Whether a repeated `Idempotency-Key` is answered from memory. */
  dedupe: boolean;
  /** Whether rows carry `pending`. What happens inside is the same. */
  sendPending: boolean;
  risk: RiskSettings;
}

interface Write {
  user: string;
  action: WriteAction;
  id: string;
  key: string | undefined;
}

interface WriteOutcome {
  answer: Answer;
  applied: boolean;
  /** Answered from memory: the key was seen before. */
  replayed: boolean;
}

interface Account {
  data: UserData;
  enabled: boolean;
  readonly approved: Set<string>;
  readonly answers: Map<string, { request: string; answer: Answer }>;
}

const JOURNAL_CAPACITY = 100_000;
const KEYS_PER_USER = 100_000;

/** The sandbox's memory. Every method is synchronous: two requests cannot be in the middle of one write. */
export class SandboxState {
  readonly journal = new BoundedLog<JournalEntry>(JOURNAL_CAPACITY);
  private readonly accounts = new Map<string, Account>();

  constructor(
    readonly settings: SandboxSettings,
    readonly now: () => Date,
  ) {
    for (const [id, data] of demoData(now())) {
      this.accounts.set(id, { data, enabled: true, approved: new Set(), answers: new Map() });
    }
  }

  account(user: string): Account | undefined {
    return this.accounts.get(user);
  }

  get users(): Account[] {
    return [...this.accounts.values()];
  }

  /** A user with the data of another one. @returns false when there is nobody to copy, or somebody there already */
  copy(user: string, as: string): boolean {
    const source = this.accounts.get(user);
    if (source === undefined || this.accounts.has(as)) return false;
    const data = structuredClone(source.data);
    data.profile.id = as;
    this.accounts.set(as, { data, enabled: true, approved: new Set(), answers: new Map() });
    return true;
  }

  /** Applies a write once per idempotency key, unless told not to look at keys. */
  write({ user, action, id, key }: Write): WriteOutcome {
    const account = this.accounts.get(user);
    if (account === undefined) return { answer: refusal(404, 'User not found'), applied: false, replayed: false };
    const request = `${action} ${id}`;
    const dedupeKey = this.settings.dedupe ? key : undefined;
    const known = dedupeKey === undefined ? undefined : account.answers.get(dedupeKey);
    if (known !== undefined) {
      const answer =
        known.request === request ? known.answer : refusal(422, 'Idempotency-Key was used for another request');
      return { answer, applied: false, replayed: true };
    }
    const refused = this.apply(account, action, id);
    const answer = refused ?? { status: 200 };
    if (dedupeKey !== undefined) remember(account.answers, dedupeKey, { request, answer });
    if (refused === undefined) {
      const at = this.now().toISOString();
      this.journal.push({ seq: this.journal.total + 1, at, user, action, id, idempotency_key: key ?? null });
    }
    return { answer, applied: refused === undefined, replayed: false };
  }

  private apply(account: Account, action: WriteAction, id: string): Answer | undefined {
    return action === 'approve'
      ? approve(account.data, account.approved, id, this.settings.risk, this.now())
      : close(account.data, id, this.now());
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value);
  if (map.size <= KEYS_PER_USER) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
