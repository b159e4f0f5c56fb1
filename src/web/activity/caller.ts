import type { ActivityEvent } from '../../audit/activity.service.js';
import { programName } from '../page/program-name.js';
import { personBehind } from './account-actions.js';

/** Who called, and what more is said about it. */
export interface Caller {
  readonly name: string;
  /** What it calls itself, where that reads otherwise; of a person: in what program. */
  readonly remark: string | undefined;
}

/** The person, or what the client says of itself, else what the person called its token. */
export function callerOf(event: ActivityEvent): Caller {
  const { client_name: claim, credential_name: credential } = event;
  const known = claim === null ? undefined : programName(claim);
  const person = personBehind(event);
  if (person !== undefined) return { name: person, remark: claim === null ? undefined : `in ${known ?? claim}` };
  if (claim !== null && known !== undefined) return { name: known, remark: `calls itself ${claim}` };
  return { name: claim ?? credential ?? 'Somebody without a name', remark: undefined };
}
