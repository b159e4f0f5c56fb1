import type { OauthGrant } from '../../generated/prisma/client.js';
import { Choice, Fieldset } from '../page/fields.js';
import { absoluteTime } from '../page/times.js';
import { LastUse } from '../tokens/last-use.js';
import { rightsInShort, rightsOf } from '../tokens/token-view.js';
import type { ConsentValues } from './consent-form.js';

/** More than these are for the list of apps. */
const SHOWN = 5;

export interface EarlierGrantsProps {
  /** Newest first. */
  readonly earlier: readonly OauthGrant[];
  /** Whether one of them may belong to the app on another machine. */
  readonly shared: boolean;
  readonly values: ConsentValues;
  readonly now: Date;
}

/** What the app may do already, and whether that ends with a new yes. */
export function EarlierGrants({ earlier, shared, values, now }: EarlierGrantsProps) {
  if (earlier.length === 0) return null;
  const shown = earlier.slice(0, SHOWN);
  return (
    <Fieldset
      legend={earlier.length === 1 ? 'It already has a permission' : `It already has ${earlier.length} permissions`}
      name="earlier"
      hint={
        shared
          ? 'An earlier one may belong to this app on another device, which would have to ask you again. Tick what you do not use any more.'
          : 'The app asks anew, so it has probably lost the earlier one. Untick what you want to keep.'
      }
    >
      {shown.map((grant) => (
        <Choice
          key={grant.id}
          type="checkbox"
          name="end_grant"
          value={grant.id}
          checked={values.ends.includes(grant.id)}
        >
          <strong>End the one of {absoluteTime(grant.createdAt)}</strong>
          <span>{rightsInShort(rightsOf(grant))}.</span>
          <span>
            Last used: <LastUse of={grant} now={now} />
          </span>
        </Choice>
      ))}
      {earlier.length > shown.length && (
        <p class="hint">
          The older ones are <a href="/settings/apps">among your apps</a>, where each can be ended.
        </p>
      )}
    </Fieldset>
  );
}
