import type { ActivityEvent } from '../../audit/activity.service.js';
import { isApi, isCommit, isPreview } from './sentences.js';

/** One entry of the page: what happened, and the steps that led there. */
export interface ActivityEntry {
  readonly event: ActivityEvent;
  /** Newest first: the intent of a commit, and the preview or the look at the trades that let it in. */
  readonly steps: readonly ActivityEvent[];
}

/** An action token's life, and the time that a commit may take. */
const ROUND_TRIP_MS = 6 * 60_000;
/** What stands in for a preview at /api: the write is let in because the same credential looked a moment ago. */
const API_LOOK = 'GET /api/trade/active';

/**
 * Puts a commit's intent and its preview under it; what was refused before it began has none of its own.
 * @param events newest first
 */
export function groupEvents(events: readonly ActivityEvent[]): readonly ActivityEntry[] {
  const taken = new Set<ActivityEvent>();
  const entries: ActivityEntry[] = [];
  for (const [index, event] of events.entries()) {
    if (taken.has(event)) continue;
    const steps = isCommit(event) && event.outcome !== 'denied' ? stepsOf(event, events.slice(index + 1), taken) : [];
    for (const step of steps) taken.add(step);
    entries.push({ event, steps });
  }
  return entries;
}

/** A page's own events with what is known of the log around it; each part newest first. */
export interface PageOfEvents {
  readonly newer: readonly ActivityEvent[];
  readonly own: readonly ActivityEvent[];
  readonly older: readonly ActivityEvent[];
}

/** The page's entries, and where the next one begins. */
export interface PageOfEntries {
  readonly entries: readonly ActivityEntry[];
  /** What comes after this one has entries of its own; undefined: nothing comes. */
  readonly last: ActivityEvent | undefined;
}

/**
 * The entries of one page of the log: a commit keeps its steps though they stand on the next page, which leaves them
 * out. Steps further away than the given surroundings are entries of their own.
 */
export function groupPage({ newer, own, older }: PageOfEvents): PageOfEntries {
  const all = groupEvents([...newer, ...own, ...older]);
  const heads = new Set(all.map(({ event }) => event));
  const mine = new Set(own);
  const next = older.findIndex((event) => heads.has(event));
  return {
    entries: all.filter(({ event }) => mine.has(event)),
    last: next === -1 ? undefined : (older[next - 1] ?? own.at(-1)),
  };
}

function stepsOf(commit: ActivityEvent, older: readonly ActivityEvent[], taken: ReadonlySet<ActivityEvent>) {
  const free = older.filter((event) => !taken.has(event) && event.credential_id === commit.credential_id);
  const intent = free.find((event) => event.outcome === 'intent' && sameCommit(event, commit));
  const preview = free.find((event) => event.outcome === 'ok' && within(event, commit) && letsIn(event, commit));
  return [intent, preview].filter((event) => event !== undefined);
}

function letsIn(event: ActivityEvent, commit: ActivityEvent): boolean {
  return isApi(commit) ? event.operation === API_LOOK : isPreview(event) && sameTarget(event, commit);
}

function sameTarget(a: ActivityEvent, b: ActivityEvent): boolean {
  return (
    a.operation === b.operation &&
    a.arguments['position_id'] === b.arguments['position_id'] &&
    a.arguments['signal_id'] === b.arguments['signal_id']
  );
}

function sameCommit(a: ActivityEvent, b: ActivityEvent): boolean {
  return a.arguments['commit_id'] !== undefined && a.arguments['commit_id'] === b.arguments['commit_id'];
}

function within(earlier: ActivityEvent, later: ActivityEvent): boolean {
  return Date.parse(later.at) - Date.parse(earlier.at) <= ROUND_TRIP_MS;
}
