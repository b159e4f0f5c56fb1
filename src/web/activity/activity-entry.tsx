import type { ActivityEvent } from '../../audit/activity.service.js';
import { Moment } from '../page/moment.js';
import { callerOf } from './caller.js';
import type { ActivityEntry } from './group-events.js';
import { sentence, stepWords, type WriteStory } from './sentences.js';
import { commitIdOf } from './write-stories.js';

/** What carried the call, as its owner knows it. */
const CREDENTIALS: Readonly<Record<string, string>> = { pat: 'token', oauth: 'app', operator: 'operator' };

export interface EntryProps {
  readonly entry: ActivityEntry;
  readonly stories: ReadonlyMap<string, WriteStory>;
  /** Ids of events that are not what was sealed. */
  readonly altered: readonly string[];
  readonly now: Date;
}

/** One thing that was done or tried: the sentence, the steps before it, and its facts. */
export function Entry({ entry: { event, steps }, stories, altered, now }: EntryProps) {
  const id = commitIdOf(event);
  const story = id === undefined ? undefined : stories.get(id);
  return (
    <li class={`activity-entry outcome-${event.outcome}`}>
      <p>
        <strong>
          <bdi>{callerOf(event).name}</bdi>
        </strong>{' '}
        <bdi>{sentence(event, story)}</bdi>
      </p>
      {[event, ...steps].some((one) => altered.includes(one.id)) && <p class="warn">Altered after it was sealed.</p>}
      {steps.length > 0 && (
        <ul class="activity-steps">
          {steps.map((step) => (
            <li key={step.id}>
              {stepWords(step)} <Moment at={new Date(step.at)} now={now} />
            </li>
          ))}
        </ul>
      )}
      <Facts event={event} now={now} />
    </li>
  );
}

/** Sessions and operators have none to show. */
function credentialName({ credential_kind: kind, credential_name: name }: ActivityEvent): string {
  return name ?? (kind === 'pat' || kind === 'oauth' ? 'without a name' : '');
}

function Facts({ event, now }: { readonly event: ActivityEvent; readonly now: Date }) {
  const { remark } = callerOf(event);
  return (
    <p class="activity-facts">
      <Moment at={new Date(event.at)} now={now} />
      {' · '}
      {CREDENTIALS[event.credential_kind] ?? 'sign-in'} <bdi>{credentialName(event)}</bdi>
      {remark !== undefined && (
        <>
          {' · '}
          <bdi>{remark}</bdi>
        </>
      )}
      {event.address !== null && ` · from ${event.address}`}
      {event.code !== null && (
        <>
          {' · '}
          <code>{event.code}</code>
        </>
      )}
    </p>
  );
}
