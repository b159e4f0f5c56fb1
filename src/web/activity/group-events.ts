import type { ActivityEvent } from '../../audit/activity.service.js';
import { isCommit, isPreview } from './sentences.js';

/** One entry of the page: what happened, and the steps that led there. */
export interface ActivityEntry {
  readonly event: ActivityEvent;
  /** Newest first: the intent and the preview of a commit. */
  readonly steps: readonly ActivityEvent[];
}

/** An action token's life, and the time that a commit may take. */
const ROUND_TRIP_MS = 6 * 60_000;

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

function stepsOf(commit: ActivityEvent, older: readonly ActivityEvent[], taken: ReadonlySet<ActivityEvent>) {
  const free = older.filter((event) => !taken.has(event) && sameTarget(event, commit));
  const intent = free.find((event) => event.outcome === 'intent' && sameCommit(event, commit));
  const preview = free.find((event) => isPreview(event) && event.outcome === 'ok' && within(event, commit));
  return [intent, preview].filter((event) => event !== undefined);
}

function sameTarget(a: ActivityEvent, b: ActivityEvent): boolean {
  return (
    a.operation === b.operation &&
    a.credential_id === b.credential_id &&
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
