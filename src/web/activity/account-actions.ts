import type { AccountAction } from '../../audit/account-action.js';
import type { ActivityEvent } from '../../audit/activity.service.js';

/** What a person, or the operator, did to what tokens and apps may do: as it was done, and as it was wanted. */
const ACTIONS: Readonly<Record<AccountAction, readonly [done: string, wanted: string]>> = {
  'token.create': ['created the token', 'create the token'],
  'token.rotate': ['replaced the token', 'replace a token'],
  'token.revoke': ['revoked the token', 'revoke a token'],
  'token.revoke_all': ['revoked all tokens', 'revoke all tokens'],
  'app.allow': ['allowed the app', 'allow the app'],
  'app.end': ['ended the access of the app', 'end the access of an app'],
  'app.end_all': ['ended the access of all apps', 'end the access of all apps'],
  'writes.stop': ['froze all trading', 'freeze all trading'],
  'writes.resume': ['resumed trading', 'resume trading'],
};

/** Each with the name that a filter shows. */
export const ACTION_CHOICES: readonly (readonly [operation: string, name: string])[] = Object.entries(ACTIONS).map(
  ([operation, [, wanted]]) => [operation, wanted.charAt(0).toUpperCase() + wanted.slice(1)],
);

/** The phrases of such an event; undefined: it is a call. */
export function actionPhrase({ operation }: ActivityEvent): readonly [done: string, wanted: string] | undefined {
  return Object.hasOwn(ACTIONS, operation) ? ACTIONS[operation as AccountAction] : undefined;
}

/** Who did it, where that is nobody's client: the reader, or the operator. */
export function personBehind(event: ActivityEvent): string | undefined {
  if (actionPhrase(event) === undefined) return undefined;
  if (event.credential_kind === 'operator') return 'TradeCafe';
  return event.credential_kind === 'session' ? 'You' : undefined;
}

/** The token or app that it was about, by its name. */
export function actionTarget({ arguments: args }: ActivityEvent): string | undefined {
  const name = args['token_name'] ?? args['app_name'];
  return typeof name === 'string' ? `“${name}”` : undefined;
}
