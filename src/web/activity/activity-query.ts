import type { ActivityFilter } from '../../audit/activity.service.js';
import { calendarDay } from '../../audit/calendar-day.js';
import { operationsOf } from '../../tools/recorded-operations.js';
import { formFields } from '../page/form-field.js';

/** The outcomes that can be asked for, in words. */
export const OUTCOMES = { ok: 'Done', error: 'Failed', denied: 'Refused', intent: 'About to be sent' } as const;

/** The filter form as it was filled in; what is empty was not asked for. */
export interface ActivityQuery {
  readonly app: string;
  readonly token: string;
  readonly tool: string;
  readonly outcome: string;
  /** First and last day, `2026-12-31`, in UTC. */
  readonly from: string;
  readonly to: string;
}

/** One sentence for each field that needs another look. */
export type ActivityErrors = Partial<Record<keyof ActivityQuery, string>>;

export interface ReadActivityQuery {
  readonly query: ActivityQuery;
  /** Empty: all is well. */
  readonly errors: ActivityErrors;
}

const FIELDS = ['app', 'token', 'tool', 'outcome', 'from', 'to'] as const;
/** PostgreSQL takes no NUL in a text, and no name of ours has any of the others. */
const CONTROL = /\p{C}/gu;
const MAX_LENGTH = 200;
const DAY_MS = 86_400_000;
const CHOOSE_ONE = 'Choose one from the list.';

/** Reads the filter from an address. What is wrong is kept and named: a filter that is dropped would show too much. */
export function readActivityQuery(raw: unknown): ReadActivityQuery {
  const errors: Partial<Record<keyof ActivityQuery, string>> = {};
  const read = (name: keyof ActivityQuery): string => {
    const values = formFields(raw, name);
    const [value = ''] = values;
    const text = value.replace(CONTROL, '').slice(0, MAX_LENGTH);
    if (values.length > 1 || text !== value) errors[name] = CHOOSE_ONE;
    return text;
  };
  const query = Object.fromEntries(FIELDS.map((name) => [name, read(name)])) as Record<keyof ActivityQuery, string>;
  if (query.outcome !== '' && !Object.hasOwn(OUTCOMES, query.outcome)) errors.outcome = CHOOSE_ONE;
  for (const name of ['from', 'to'] as const) {
    if (query[name] !== '' && calendarDay(query[name]) === undefined) errors[name] = noSuchDay(query[name]);
  }
  if (errors.from === undefined && errors.to === undefined && isBefore(query.to, query.from))
    errors.to = 'The last day must not lie before the first.';
  return { query, errors };
}

/** Whether anything is asked for. */
export function isFiltered(query: ActivityQuery): boolean {
  return Object.values(query).some((value) => value !== '');
}

/** The same for the log. @param query without errors */
export function filterOf({ app, token, tool, outcome, from, to }: ActivityQuery): ActivityFilter {
  const last = calendarDay(to);
  const filter = {
    app: app || undefined,
    token: token || undefined,
    operations: tool === '' ? undefined : operationsOf(tool),
    outcome: outcome || undefined,
    since: calendarDay(from),
    until: last && new Date(last.getTime() + DAY_MS),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** Address of `/v1/activity` with the same filter. */
export function exportAddress(query: ActivityQuery, format: 'csv' | 'ndjson'): string {
  const { since, until } = filterOf(query);
  const { app, token, tool, outcome } = query;
  const texts = Object.entries({ app, token, tool, outcome }).filter(([, value]) => value !== '');
  const parameters = new URLSearchParams([['format', format], ...texts]);
  if (since !== undefined) parameters.set('since', since.toISOString());
  if (until !== undefined) parameters.set('until', until.toISOString());
  return `/v1/activity?${parameters}`;
}

/** Address of the page with the same filter, further back; without a cursor: its newest entries. */
export function pageAddress(query: ActivityQuery, cursor?: string): string {
  const filled = Object.entries(query).filter(([, value]) => value !== '');
  const parameters = new URLSearchParams(cursor === undefined ? filled : [...filled, ['cursor', cursor]]);
  return `/settings/activity?${parameters}`;
}

function isBefore(a: string, b: string): boolean {
  return a !== '' && b !== '' && a < b;
}

/** A field for days shows none that does not exist, so the sentence says what was asked. */
function noSuchDay(text: string): string {
  return `“${text}” is no day of the calendar; one looks like 2026-12-31.`;
}
