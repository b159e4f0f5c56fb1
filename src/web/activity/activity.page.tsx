import type { RowCheck } from '../../audit/log/row-check.js';
import { Notice } from '../page/notice.js';
import { Entry } from './activity-entry.js';
import { ActivityFilters, type FilterChoices } from './activity-filters.js';
import { type ActivityErrors, type ActivityQuery, exportAddress, isFiltered, pageAddress } from './activity-query.js';
import type { ActivityEntry } from './group-events.js';
import type { WriteStory } from './sentences.js';

/** What was found. */
export interface ActivityResult {
  readonly entries: readonly ActivityEntry[];
  readonly stories: ReadonlyMap<string, WriteStory>;
  readonly check: RowCheck;
  readonly nextCursor: string | null;
}

export interface ActivityPageProps {
  readonly query: ActivityQuery;
  readonly errors: ActivityErrors;
  readonly choices: FilterChoices;
  /** Undefined: nothing was looked for, as the filter or the place in the log is wrong. */
  readonly result: ActivityResult | undefined;
  readonly now: Date;
}

/** What a person's tokens and apps did, newest first. */
export function ActivityPage({ query, errors, choices, result, now }: ActivityPageProps) {
  return (
    <section>
      <p class="label">Settings</p>
      <h1>Activity</h1>
      <p class="lead">
        Everything that your tokens and apps did or tried in your name, and what you changed about them. What a client
        calls itself is its own claim.
      </p>
      {result === undefined && <Problem query={query} errors={errors} />}
      <ActivityFilters query={query} errors={errors} choices={choices} />
      {result !== undefined && <Result {...result} query={query} now={now} />}
    </section>
  );
}

function Problem({ query, errors }: Pick<ActivityPageProps, 'query' | 'errors'>) {
  if (Object.keys(errors).length > 0) {
    return <Notice kind="error" title="Nothing is shown: please look at the marked fields of the filter." />;
  }
  return (
    <Notice kind="error" title="This address points at a place that the log does not have.">
      <p>
        It was cut or changed on its way. <a href={pageAddress(query)}>Show the newest entries</a>
      </p>
    </Notice>
  );
}

function Result({
  entries,
  stories,
  check,
  nextCursor,
  query,
  now,
}: ActivityResult & Pick<ActivityPageProps, 'query' | 'now'>) {
  return (
    <>
      <Verification check={check} />
      {entries.length === 0 ? (
        <Empty filtered={isFiltered(query)} />
      ) : (
        <>
          <ol class="activity">
            {entries.map((entry) => (
              <Entry key={entry.event.id} entry={entry} stories={stories} altered={check.altered} now={now} />
            ))}
          </ol>
          <p class="actions">
            {nextCursor !== null && (
              <a class="button button-quiet" href={pageAddress(query, nextCursor)} rel="next">
                Older
              </a>
            )}
            <a class="button button-quiet" href={exportAddress(query, 'csv')}>
              Download CSV
            </a>
            <a class="button button-quiet" href={exportAddress(query, 'ndjson')}>
              Download NDJSON
            </a>
          </p>
        </>
      )}
    </>
  );
}

function Empty({ filtered }: { readonly filtered: boolean }) {
  return (
    <p class="empty">
      {filtered ? (
        <>
          Nothing matches. <a href="/settings/activity">Show everything</a>
        </>
      ) : (
        <>
          Nothing yet. <a href="/settings/tokens#new">Create a token</a>, connect a client, and what it does appears
          here.
        </>
      )}
    </p>
  );
}

function sealed(count: number): string {
  if (count === 1) return 'the one sealed entry shown here is as it was written.';
  return `all ${count} sealed entries shown here are as they were written.`;
}

function Verification({ check: { good, waiting, altered } }: { readonly check: RowCheck }) {
  if (altered.length > 0) {
    return (
      <Notice kind="error" title="This log does not verify">
        <p>
          {altered.length} of the entries shown are not what was sealed when they were written; they are marked. Please
          tell TradeCafe’s support.
        </p>
      </Notice>
    );
  }
  if (good + waiting === 0) return null;
  return (
    <p class="hint">
      {good > 0 && `Verified: ${sealed(good)} `}
      {waiting > 0 && `${waiting} just written, sealed within seconds.`}
    </p>
  );
}
