import type { AppError } from './app-error.js';
import type { ErrorCode } from './error-table.js';

const PREVIEW = 'POST /v1/trades/approve/preview, POST /v1/positions/close/preview';
const NOBODY_TO_ASK =
  'Nobody can be asked here: use an MCP client that can ask, or do it in TradeCafe. Only a token whose write_policy is token_only writes by this address.';
const REPEAT_LATER =
  'Wait as long as Retry-After says, then send this very request again: if it is the same write, it is told how that ended; if it is another one, it goes ahead.';

/** THE table of what the error table says in the language of tools, in the words of those who speak HTTP. */
const NEXT_AT: Readonly<Record<'v1' | 'api', Partial<Record<ErrorCode, string>>>> = {
  v1: {
    invalid_arguments: 'Correct what the detail names, then send it again.',
    signal_not_found: 'GET /v1/signals/recent (include_history=true for older ones) and use a signal_id from it.',
    pending_trade_not_found:
      'GET /v1/signals/recent and use the signal_id of a live signal. In fully automatic mode nothing ever waits for approval.',
    position_not_found: 'GET /v1/positions?status=open and use a position_id from it.',
    action_token_required: `Make a preview (${PREVIEW}), show it to the user, then send the same body here again with the action_token that it answered.`,
    action_token_invalid: `Send the action_token exactly as the preview answered it, with the credential that made the preview; or make a new preview (${PREVIEW}).`,
    action_token_expired: `Make a new preview (${PREVIEW}), show it to the user, and commit with its action_token.`,
    action_token_wrong_tool: `Commit at the address whose preview made it, or make a new preview (${PREVIEW}).`,
    action_token_arguments_changed: `Repeat the body of the preview exactly, or make a preview of this one (${PREVIEW}).`,
    action_token_superseded: `Use the newer action_token, or make a new preview (${PREVIEW}).`,
    commit_in_progress: REPEAT_LATER,
    commit_limit_reached: `Wait as long as Retry-After says, then make a new preview (${PREVIEW}): the action token will have expired by then.`,
    confirmation_required: NOBODY_TO_ASK,
    commit_refused: `Tell the user the reason; to try again make a new preview (${PREVIEW}), and take a new Idempotency-Key.`,
    commit_unknown:
      'The outcome is being looked up. Send this very request again in 20 seconds, with the same action_token and Idempotency-Key, to learn it; do not make a new preview before.',
    commit_not_applied: `Make a new preview (${PREVIEW}) if the user still wants it, and take a new Idempotency-Key: the preview shows whether it took effect late.`,
    commit_undetermined: 'Do not repeat it blindly: GET /v1/positions, and ask the user to check in TradeCafe.',
  },
  api: {
    invalid_arguments: 'Correct what the detail names, then send it again.',
    pending_trade_not_found:
      'GET /api/trade/active and use the id of a row that waits for approval. In fully automatic mode none ever does.',
    position_not_found: 'GET /api/trade/active and use the id of an open row.',
    commit_in_progress: REPEAT_LATER,
    commit_limit_reached: 'Wait as long as Retry-After says, then read /api/trade/active again before you write.',
    confirmation_required: NOBODY_TO_ASK,
    commit_refused: 'Tell the user the reason; to try again read /api/trade/active, and take a new Idempotency-Key.',
    commit_unknown:
      'The outcome is being looked up. Send this very request again in 20 seconds, with the same Idempotency-Key, to learn it; take no new key before.',
    commit_not_applied:
      'If the user still wants it, read /api/trade/active, which shows whether it took effect late, and take a new Idempotency-Key.',
    commit_undetermined: 'Do not repeat it blindly: read /api/trade/active, and ask the user to check in TradeCafe.',
  },
};

/**
 * What the caller can do about an error, in the words of the part of the address space where it happened.
 * @param path of the route, or the address itself where there is none
 */
export function nextStep({ code, entry }: Pick<AppError, 'code' | 'entry'>, path: string): string {
  const door = /^\/(v1|api)(?:\/|$)/.exec(path)?.[1] as keyof typeof NEXT_AT | undefined;
  return (door && NEXT_AT[door][code]) ?? entry.next;
}
