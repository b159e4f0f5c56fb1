import { isObject, type Params } from '../surface/params-problem.js';

/** What a `subscriptions/listen` stream shall tell of (MCP 2026-07-28, basic/patterns/subscriptions, Notification Filter). */
export interface SubscriptionFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
}

/** More resources than any surface has; each URI costs a look-up. */
const MAX_URIS = 100;

/** What is wrong with a filter, in one sentence; members that are not known are none of ours. */
export function filterProblem(filter: unknown): string | undefined {
  if (!isObject(filter)) return 'params.notifications must be an object that says what to listen to.';
  const { resourceSubscriptions: uris, ...members } = filter as Params;
  for (const member of ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged']) {
    if (!['undefined', 'boolean'].includes(typeof members[member]))
      return `params.notifications.${member} must be true or false.`;
  }
  const isList = Array.isArray(uris) && uris.length <= MAX_URIS && uris.every((uri) => typeof uri === 'string');
  return uris === undefined || isList
    ? undefined
    : `params.notifications.resourceSubscriptions must be a list of at most ${MAX_URIS} URIs.`;
}
