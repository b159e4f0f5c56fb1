import type { ActivityEvent } from '../../audit/activity.service.js';
import { ERROR_TABLE, type ErrorCode } from '../../errors/error-table.js';

/** What the ledger knows of a write. */
export interface WriteStory {
  /** Trading pair; absent where nothing was previewed. */
  readonly symbol: string | undefined;
  /** Realised result that the last preview expected, e.g. `+0.48 USDT`. */
  readonly expected: string | undefined;
}

/** What each tool does: as it was done, and as it was wanted. */
const PHRASES: Readonly<Record<string, readonly [done: string, wanted: string]>> = {
  get_account_summary: ['looked at your account', 'look at your account'],
  get_recent_signals: ['looked at recent signals', 'look at recent signals'],
  get_signal_details: ['looked at a signal', 'look at a signal'],
  get_positions: ['looked at your positions', 'look at your positions'],
  get_pnl_history: ['looked at your profit history', 'look at your profit history'],
  get_pool_status: ['looked at your Trading Pool stakes', 'look at your Trading Pool stakes'],
  get_subscription_status: ['looked at your subscription', 'look at your subscription'],
  get_referral_stats: ['looked at your referral statistics', 'look at your referral statistics'],
  approve_pending_trade: ['approved', 'approve'],
  close_position: ['closed', 'close'],
};
const PREVIEWS: Readonly<Record<string, readonly [done: string, wanted: string]>> = {
  approve_pending_trade: ['previewed approving', 'preview approving'],
  close_position: ['previewed closing', 'preview closing'],
};

/** Who called: what the client says of itself, else what the person called its token. */
export function whoOf({ client_name: client, credential_name: credential }: ActivityEvent): string {
  return client ?? credential ?? 'Somebody without a name';
}

/** The rest of the sentence that begins with who called: `closed SOL-USDT, expected result +0.48 USDT.` */
export function sentence(event: ActivityEvent, story?: WriteStory): string {
  const [done, wanted] = phrase(event);
  const target = targetOf(event, story);
  if (event.outcome === 'denied') return `wanted to ${wanted}${target} and was refused: ${reason(event)}`;
  if (event.outcome === 'intent') return `was about to ${wanted}${target}.`;
  if (event.outcome === 'error') return `tried to ${wanted}${target}: ${reason(event)}`;
  const expected = story?.expected === undefined ? '' : `, expected result ${story.expected}`;
  return `${done}${target}${expected}.`;
}

/** Whether an event is a write that was more than a preview; at `/v1` the address says so, and the token shows it. */
export function isCommit({ operation, arguments: args }: ActivityEvent): boolean {
  const committed = args['dry_run'] === false || args['commit_id'] !== undefined || args['action_token'] !== undefined;
  return Object.hasOwn(PREVIEWS, operation) && committed && args['dry_run'] !== true;
}

/** Whether an event is a preview. */
export function isPreview(event: ActivityEvent): boolean {
  return Object.hasOwn(PREVIEWS, event.operation) && !isCommit(event);
}

function phrase(event: ActivityEvent): readonly [string, string] {
  const phrases = isPreview(event) ? PREVIEWS : PHRASES;
  const known = Object.hasOwn(phrases, event.operation) ? phrases[event.operation] : undefined;
  return known ?? [`called ${event.operation}`, `call ${event.operation}`];
}

/** The pair, or the id that the call named. */
function targetOf({ arguments: args }: ActivityEvent, story: WriteStory | undefined): string {
  const target = story?.symbol ?? args['position_id'] ?? args['signal_id'] ?? args['symbol'];
  return typeof target === 'string' ? ` ${target}` : '';
}

function reason({ code }: ActivityEvent): string {
  return code !== null && Object.hasOwn(ERROR_TABLE, code) ? ERROR_TABLE[code as ErrorCode].title : 'it failed.';
}
