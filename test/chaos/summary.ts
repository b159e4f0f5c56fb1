import type { Evidence } from './evidence.js';
import type { World } from './world.js';

/** What happened in a run: a verdict over nothing would be worth nothing. */
export interface Summary {
  readonly kills: number;
  readonly stops: number;
  readonly cuts: number;
  readonly faults: number;
  readonly freezes: number;
  readonly revocations: number;
  readonly puts: number;
  readonly effects: number;
  readonly commits: number;
  /** What clients were told, and how often. */
  readonly answers: Readonly<Record<string, number>>;
  /** How the ledger's rows ended, and how many did so. */
  readonly endings: Readonly<Record<string, number>>;
  /** Of the answers to freezes. */
  readonly slowestFreezeMs: number;
}

export function summarize({ history }: World, { events, puts, effects, commits }: Evidence): Summary {
  const endings: Record<string, number> = {};
  for (const { status } of commits) endings[status] = (endings[status] ?? 0) + 1;
  return {
    kills: history.count('kill'),
    stops: history.count('stop'),
    cuts: history.count('cut'),
    faults: history.count('fault'),
    freezes: history.count('freeze'),
    revocations: history.count('revoke'),
    puts: puts.length,
    effects: effects.length,
    commits: commits.length,
    answers: history.answers(),
    endings,
    slowestFreezeMs: Math.max(
      0,
      ...events.map((event) => (event.kind === 'freeze' ? event.answeredAt - event.sentAt : 0)),
    ),
  };
}
