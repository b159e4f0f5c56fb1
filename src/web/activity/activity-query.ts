import type { ActivityFilter } from '../../audit/activity.service.js';
import { formField } from '../page/form-field.js';

/** The outcomes that can be asked for, in words. */
export const OUTCOMES = { ok: 'Done', error: 'Failed', denied: 'Refused', intent: 'About to be sent' } as const;

/** The filter form as it was filled in. */
export interface ActivityQuery {
  readonly app: string;
  readonly token: string;
  readonly tool: string;
  readonly outcome: string;
  /** First and last day, `2026-12-31`, in UTC. */
  readonly from: string;
  readonly to: string;
}

/** PostgreSQL takes no NUL in a text, and no name of ours has any of the others. */
const CONTROL = /\p{C}/u;
const DAY_MS = 86_400_000;

/** Reads the filter from an address; what is not understood counts as not asked for. */
export function readActivityQuery(query: unknown): ActivityQuery {
  const text = (name: string): string => {
    const value = formField(query, name) ?? '';
    return CONTROL.test(value) ? '' : value;
  };
  const outcome = text('outcome');
  return {
    app: text('app'),
    token: text('token'),
    tool: text('tool'),
    outcome: Object.hasOwn(OUTCOMES, outcome) ? outcome : '',
    from: dayOf(text('from')) === undefined ? '' : text('from'),
    to: dayOf(text('to')) === undefined ? '' : text('to'),
  };
}

/** The same for the log. */
export function filterOf({ app, token, tool, outcome, from, to }: ActivityQuery): ActivityFilter {
  const last = dayOf(to);
  const filter = {
    app: app || undefined,
    token: token || undefined,
    tool: tool || undefined,
    outcome: outcome || undefined,
    since: dayOf(from),
    until: last && new Date(last.getTime() + DAY_MS),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** Address of `/v1/activity` with the same filter. */
export function exportAddress(query: ActivityQuery, format: 'csv' | 'ndjson'): string {
  const { since, until, ...texts } = filterOf(query);
  const parameters = new URLSearchParams({ format, ...texts });
  if (since !== undefined) parameters.set('since', since.toISOString());
  if (until !== undefined) parameters.set('until', until.toISOString());
  return `/v1/activity?${parameters}`;
}

/** Address of the page with the same filter, further back. */
export function pageAddress(query: ActivityQuery, cursor: string): string {
  const filled = Object.entries(query).filter(([, value]) => value !== '');
  return `/settings/activity?${new URLSearchParams([...filled, ['cursor', cursor]])}`;
}

function dayOf(text: string): Date | undefined {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
