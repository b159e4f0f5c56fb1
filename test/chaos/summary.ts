import type { Evidence } from './evidence.js';
import type { World } from './world.js';

/** What happened in a run: a verdict over nothing would be worth nothing. */
export interface Summary {
  readonly kills: number;
  /** How often each point was died at; what was not reached in time was killed all the same. */
  readonly killedAt: Readonly<Record<string, number>>;
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
  return {
    kills: history.count('kill'),
    killedAt: tally(events.flatMap((event) => (event.kind === 'kill' ? [event.what] : []))),
    stops: history.count('stop'),
    cuts: history.count('cut'),
    faults: history.count('fault'),
    freezes: history.count('freeze'),
    revocations: history.count('revoke'),
    puts: puts.length,
    effects: effects.length,
    commits: commits.length,
    answers: tally(events.flatMap((event) => (event.kind === 'commit' ? [event.told] : []))),
    endings: tally(commits.map(({ status }) => status)),
    slowestFreezeMs: Math.max(
      0,
      ...events.map((event) => (event.kind === 'freeze' ? event.answeredAt - event.sentAt : 0)),
    ),
  };
}

function tally(items: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}
