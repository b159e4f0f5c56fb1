import type { ActivityEvent } from '../../audit/activity.service.js';
import { ERROR_TABLE, type ErrorCode } from '../../errors/error-table.js';
import { recordedOperation, type WriteVerb } from '../../tools/recorded-operations.js';
import { actionPhrase, actionTarget } from './account-actions.js';

/** What the ledger knows of a write. */
export interface WriteStory {
  /** Trading pair; absent where nothing was previewed. */
  readonly symbol: string | undefined;
  /** Realised result that the last preview expected, e.g. `+0.48 USDT`. */
  readonly expected: string | undefined;
}

/** Reasons that the table gives to programs. */
const REASONS: Partial<Record<ErrorCode, string>> = {
  confirmation_required: 'You have to confirm it first.',
  trade_not_read: 'It had not looked at that trade in the five minutes before.',
};

/** The rest of the sentence that begins with who called: `closed SOL-USDT, expected result +0.48 USDT.` */
export function sentence(event: ActivityEvent, story?: WriteStory): string {
  const [done, wanted] = phrase(event);
  const target = targetOf(event, story);
  if (event.outcome === 'denied') return `wanted to ${wanted}${target} and was refused: ${reason(event)}`;
  if (event.outcome === 'intent') return `was about to ${wanted}${target}.`;
  if (event.outcome === 'error') return `tried to ${wanted}${target}: ${reason(event)}`;
  if (isRepetition(event)) return `asked once more to ${wanted}${target}; it was not done twice.`;
  const expected = story?.expected === undefined ? '' : `, expected result ${story.expected}`;
  return `${done}${target}${expected}.`;
}

/** What a step under a commit was. */
export function stepWords(step: ActivityEvent): string {
  if (step.outcome === 'intent') return 'Confirmed and sent';
  return isPreview(step) ? 'Previewed' : 'Looked at your open trades';
}

/** Whether an event is a write that was more than a preview; at `/v1` the address says so, and the token shows it. */
export function isCommit(event: ActivityEvent): boolean {
  const { arguments: args } = event;
  if (writeOf(event) === undefined) return false;
  if (isApi(event)) return args['commit_id'] !== undefined;
  const committed = args['dry_run'] === false || args['commit_id'] !== undefined || args['action_token'] !== undefined;
  return committed && args['dry_run'] !== true;
}

/** Whether an event is a preview. */
export function isPreview(event: ActivityEvent): boolean {
  return writeOf(event) !== undefined && !isApi(event) && !isCommit(event);
}

/** Whether an event came by one of pwa-be's own paths. */
export function isApi({ operation }: ActivityEvent): boolean {
  return recordedOperation(operation)?.api === true;
}

/** A write at /api whose answer was that of an earlier one with the same key: the ledger has no second row of it. */
function isRepetition(event: ActivityEvent): boolean {
  return writeOf(event) !== undefined && isApi(event) && !isCommit(event);
}

/** As it was done, and as it was wanted. */
function phrase(event: ActivityEvent): readonly [done: string, wanted: string] {
  const action = actionPhrase(event);
  if (action !== undefined) return action;
  const known = recordedOperation(event.operation);
  if (known === undefined) return unknownPhrase(event.operation);
  if ('reads' in known.words) return [`looked at ${known.words.reads}`, `look at ${known.words.reads}`];
  if ('does' in known.words) return [known.words.does.done, known.words.does.infinitive];
  const { done, infinitive, gerund } = known.words.writes;
  return isPreview(event) ? [`previewed ${gerund}`, `preview ${gerund}`] : [done, infinitive];
}

/** A route is recorded where a token was refused at the door; any other name is of a tool that there is not. */
function unknownPhrase(operation: string): readonly [string, string] {
  if (/^[A-Z]+ \//.test(operation)) return [`connected (${operation})`, `connect (${operation})`];
  return [`called “${operation}”`, `call “${operation}”`];
}

function writeOf({ operation }: ActivityEvent): WriteVerb | undefined {
  const words = recordedOperation(operation)?.words;
  return words !== undefined && 'writes' in words ? words.writes : undefined;
}

/** The pair, or the id that the call named. Not a profile's: that is the reader's own. */
function targetOf(event: ActivityEvent, story: WriteStory | undefined): string {
  const { arguments: args } = event;
  const id = writeOf(event) === undefined ? undefined : args['id'];
  const target =
    actionTarget(event) ?? story?.symbol ?? args['position_id'] ?? args['signal_id'] ?? args['symbol'] ?? id;
  return typeof target === 'string' ? ` ${target}` : '';
}

function reason({ code }: ActivityEvent): string {
  if (code === null || !Object.hasOwn(ERROR_TABLE, code)) return 'it failed.';
  return REASONS[code as ErrorCode] ?? ERROR_TABLE[code as ErrorCode].title;
}
