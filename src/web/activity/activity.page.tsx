import type { RowCheck } from '../../audit/log/row-check.js';
import { Moment } from '../page/moment.js';
import { Notice } from '../page/notice.js';
import { ActivityFilters, type FilterChoices } from './activity-filters.js';
import { type ActivityQuery, exportAddress, pageAddress } from './activity-query.js';
import type { ActivityEntry } from './group-events.js';
import { sentence, type WriteStory, whoOf } from './sentences.js';
import { commitIdOf } from './write-stories.js';

export interface ActivityPageProps {
  readonly entries: readonly ActivityEntry[];
  readonly stories: ReadonlyMap<string, WriteStory>;
  readonly check: RowCheck;
  readonly query: ActivityQuery;
  readonly choices: FilterChoices;
  readonly nextCursor: string | null;
  readonly now: Date;
}

/** What a person's tokens and apps did, newest first. */
export function ActivityPage({ entries, stories, check, query, choices, nextCursor, now }: ActivityPageProps) {
  const filtered = Object.values(query).some((value) => value !== '');
  return (
    <section>
      <p class="label">Settings</p>
      <h1>Activity</h1>
      <p class="lead">
        Everything that your tokens and apps did or tried, in your name. What a client calls itself is its own claim.
      </p>
      <ActivityFilters query={query} choices={choices} />
      <Verification check={check} />
      {entries.length === 0 ? (
        <p class="empty">
          {filtered ? 'Nothing matches. ' : 'Nothing yet. '}
          {next(filtered)}
        </p>
      ) : (
        <ol class="activity">
          {entries.map((entry) => (
            <Entry key={entry.event.id} entry={entry} stories={stories} altered={check.altered} now={now} />
          ))}
        </ol>
      )}
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
    </section>
  );
}

function next(filtered: boolean) {
  if (filtered) return <a href="/settings/activity">Show everything</a>;
  return (
    <>
      <a href="/settings/tokens">Create a token</a>, connect a client, and what it does appears here.
    </>
  );
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
      {good > 0 && `Verified: all ${good} sealed entries shown here are as they were written. `}
      {waiting > 0 && `${waiting} just written, sealed within seconds.`}
    </p>
  );
}

interface EntryProps {
  readonly entry: ActivityEntry;
  readonly stories: ReadonlyMap<string, WriteStory>;
  readonly altered: readonly string[];
  readonly now: Date;
}

function Entry({ entry: { event, steps }, stories, altered, now }: EntryProps) {
  const id = commitIdOf(event);
  const story = id === undefined ? undefined : stories.get(id);
  return (
    <li class={`activity-entry outcome-${event.outcome}`}>
      <p>
        <strong>
          <bdi>{whoOf(event)}</bdi>
        </strong>{' '}
        <bdi>{sentence(event, story)}</bdi>
      </p>
      {altered.includes(event.id) && <p class="warn">Altered after it was sealed.</p>}
      {steps.length > 0 && (
        <ul class="activity-steps">
          {steps.map((step) => (
            <li key={step.id}>
              {step.outcome === 'intent' ? 'Confirmed and sent' : 'Previewed'}{' '}
              <Moment at={new Date(step.at)} now={now} />
            </li>
          ))}
        </ul>
      )}
      <p class="activity-facts">
        <Moment at={new Date(event.at)} now={now} />
        {' · '}
        {event.credential_kind === 'pat' ? 'token' : event.credential_kind === 'oauth' ? 'app' : 'sign-in'}{' '}
        <bdi>{event.credential_name ?? 'without a name'}</bdi>
        {event.address !== null && ` · from ${event.address}`}
        {event.code !== null && (
          <>
            {' · '}
            <code>{event.code}</code>
          </>
        )}
      </p>
    </li>
  );
}
