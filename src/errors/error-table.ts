/**
 * Every error this service answers with, on every transport: one table, stable codes. `status` is the REST status,
 * `title` the fixed public sentence, `next` what the caller (a person or a model) can do about it. Upstream or internal
 * text never becomes one of these; the detailed reason goes into the log.
 */
export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly next: string;
}

export const ERROR_TABLE = {
  // Requests that cannot be understood
  invalid_request: {
    status: 400,
    title: 'The request is not valid.',
    next: 'Correct what the detail names and send it again.',
  },
  invalid_json: {
    status: 400,
    title: 'The body is not valid JSON.',
    next: 'Send a JSON body with Content-Type: application/json.',
  },
  invalid_arguments: {
    status: 400,
    title: 'The arguments do not fit this operation.',
    next: 'Correct the arguments that the detail names, then call again.',
  },
  unknown_tool: {
    status: 404,
    title: 'There is no tool with that name.',
    next: 'List the tools and use one of their names.',
  },
  unknown_resource: {
    status: 404,
    title: 'There is no resource with that URI.',
    next: 'List the resources and the resource templates, and use a URI of theirs.',
  },
  unknown_prompt: {
    status: 404,
    title: 'There is no prompt with that name for this credential.',
    next: 'List the prompts and use one of their names.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing here.',
    next: 'Check the address or the id; what belongs to somebody else is not shown either.',
  },
  method_not_allowed: {
    status: 405,
    title: 'That method is not allowed here.',
    next: 'Use one of the methods in the Allow header.',
  },
  not_acceptable: {
    status: 406,
    title: 'The client does not accept what this endpoint sends.',
    next: 'Send Accept: application/json, text/event-stream.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large.',
    next: 'Send a body of at most 256 KiB.',
  },
  session_not_found: {
    status: 404,
    title: 'That MCP session has ended or is not yours.',
    next: 'Initialize again, without the Mcp-Session-Id header.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'That content type is not supported here.',
    next: 'Send the content type that this address takes: application/json, or application/x-www-form-urlencoded for a form.',
  },

  // Who is calling
  token_missing: {
    status: 401,
    title: 'This needs an access token.',
    next: 'Send Authorization: Bearer with a personal access token or an OAuth access token.',
  },
  token_malformed: {
    status: 401,
    title: 'That is not a token of this service.',
    next: 'Check that the whole token was copied; it starts with tc_pat_ or tc_at_.',
  },
  token_invalid: {
    status: 401,
    title: 'The token is not valid.',
    next: 'Create a new token on the settings page.',
  },
  token_expired: {
    status: 401,
    title: 'The token has expired.',
    next: 'Create a new token on the settings page.',
  },
  token_revoked: {
    status: 401,
    title: 'The token was revoked.',
    next: 'Create a new token on the settings page.',
  },
  token_in_query: {
    status: 401,
    title: 'A token does not belong into the address or the body.',
    next: 'Send it as Authorization: Bearer, and revoke this one: addresses end up in logs.',
  },
  token_wrong_resource: {
    status: 401,
    title: 'The token was issued for another address of this service.',
    next: 'Ask for a token with the resource that the resource_metadata names.',
  },
  session_required: {
    status: 401,
    title: 'You are not signed in.',
    next: 'Sign in to TradeCafe in this browser, then try again.',
  },
  csrf_failed: {
    status: 403,
    title: 'The request did not come from our own page.',
    next: 'Reload the page and send it again, with the csrf_token of GET /v1/session in X-CSRF-Token.',
  },
  origin_not_allowed: {
    status: 403,
    title: 'That origin may not call this service.',
    next: 'Add the origin to ALLOWED_ORIGINS if it is yours.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The token does not have the scope this needs.',
    next: 'Use a token that has the scope which the detail names.',
  },
  access_undeclared: {
    status: 403,
    title: 'This route is closed.',
    next: 'Report it: a route without declared access is a bug of this service.',
  },

  // Tokens
  token_limit_reached: {
    status: 409,
    title: 'You have as many live tokens as one person may have.',
    next: 'Revoke a token that you no longer use, then create the new one.',
  },
  token_already_created: {
    status: 409,
    title: 'That token was created already.',
    next: 'Look at your list of tokens; if you did not keep it, rotate it to get a new one in its place.',
  },
  token_not_live: {
    status: 409,
    title: 'That token can no longer be replaced.',
    next: 'Create a new token instead.',
  },
  user_unknown: {
    status: 403,
    title: 'TradeCafe does not know this user, or the account is closed.',
    next: 'Sign in again; if it stays so, ask TradeCafe support.',
  },

  // Apps (OAuth)
  authorization_refused: {
    status: 400,
    title: 'The app asked for access in a way that is not allowed.',
    next: 'Nothing was granted. Go back to the app and try again; if it stays so, tell its makers what the detail says.',
  },
  authorization_expired: {
    status: 400,
    title: 'This request for access has ended, or began in another browser.',
    next: 'Nothing was granted by it. Go back to the app and connect again.',
  },
  user_code_unknown: {
    status: 400,
    title: 'That code is not known, was used, or has expired.',
    next: 'Compare it with what the device shows, or start again on the device.',
  },
  session_too_old: {
    status: 403,
    title: 'You signed in too long ago to hand out trading.',
    next: 'Sign in again, then allow it; or leave trading out.',
  },

  // Limits
  rate_limited: {
    status: 429,
    title: 'Too many requests.',
    next: 'Wait as long as Retry-After says, then go on more slowly.',
  },
  stream_limit_reached: {
    status: 429,
    title: 'As many live streams are open as may be.',
    next: 'Close one of them, then listen again; one stream can watch several resources.',
  },

  // pwa-be
  upstream_unavailable: {
    status: 503,
    title: 'TradeCafe cannot be reached right now.',
    next: 'Nothing was changed. Try again in a minute.',
  },
  upstream_timeout: {
    status: 504,
    title: 'TradeCafe did not answer in time.',
    next: 'Try again in a minute.',
  },
  upstream_rejected: {
    status: 502,
    title: 'TradeCafe refused the request.',
    next: 'Look at the detail; if it makes no sense, try again later.',
  },
  upstream_not_found: {
    status: 404,
    title: 'TradeCafe has no such thing for this user.',
    next: 'List what there is and use an id from the list.',
  },
  upstream_unauthorized: {
    status: 502,
    title: 'TradeCafe did not accept this service on your behalf.',
    next: 'Your own token is fine. Tell the operator: the key that this service shares with pwa-be may be wrong.',
  },
  upstream_invalid: {
    status: 502,
    title: 'TradeCafe answered in a form that this service does not know.',
    next: 'Tell the operator; the answer was not passed on, because it could be wrong.',
  },
  signal_not_found: {
    status: 404,
    title: 'There is no such signal.',
    next: 'Call get_recent_signals (include_history=true for older ones) and use a signal_id from it.',
  },

  // Writes: the round trip
  pending_trade_not_found: {
    status: 404,
    title: 'No pending trade with that id waits for approval.',
    next: 'Call get_recent_signals and use the signal_id of a live signal. In fully automatic mode nothing ever waits for approval.',
  },
  position_not_found: {
    status: 404,
    title: 'There is no open position with that id.',
    next: 'Call get_positions with status="open" and use a position_id from it.',
  },
  action_token_required: {
    status: 400,
    title: 'A commit needs the action_token of a preview.',
    next: 'Call the same tool with the same arguments and dry_run=true, show the user the preview, then call again with dry_run=false and the action_token it returned.',
  },
  action_token_invalid: {
    status: 403,
    title: 'That is no action token of yours.',
    next: 'Use the action_token exactly as the preview returned it, with the credential that made the preview; or make a new preview with dry_run=true.',
  },
  action_token_expired: {
    status: 403,
    title: 'The action token has expired; it lives five minutes.',
    next: 'Make a new preview with dry_run=true, show it to the user, and commit with its action_token.',
  },
  action_token_wrong_tool: {
    status: 403,
    title: 'That action token belongs to another tool.',
    next: 'Commit with the tool that made the preview, or make a preview with this tool (dry_run=true).',
  },
  action_token_arguments_changed: {
    status: 403,
    title: 'The arguments are not those of the preview.',
    next: 'Repeat the arguments of the preview exactly, or make a new preview of these with dry_run=true.',
  },
  action_token_used: {
    status: 409,
    title: 'That action token was used before; it works once.',
    next: 'Read in `commit` what became of that commit before you do anything else.',
  },
  action_token_superseded: {
    status: 409,
    title: 'A newer preview has replaced the one of that action token.',
    next: 'Use the newer action_token, or make a new preview with dry_run=true.',
  },
  preview_changed: {
    status: 409,
    title: 'What would happen is no longer what the preview showed. Nothing was done.',
    next: 'Show the user the new `preview`; if they still want it, commit with the new `action_token`.',
  },
  account_frozen: {
    status: 403,
    title: 'All writes of this account are stopped.',
    next: 'Reading goes on. Only the user can resume writes, on the settings page that the detail names.',
  },
  cap_exceeded: {
    status: 403,
    title: 'The trade is larger than this credential may approve.',
    next: 'Tell the user; they can approve it in TradeCafe, or make a token with a higher limit on the settings page.',
  },
  commit_in_progress: {
    status: 409,
    title: 'A commit for this very trade has not ended yet. Nothing was sent for this call.',
    next: 'Wait a few seconds, then repeat this call as it is: if it is the same commit, it is told how that ended; if it is another one, it goes ahead as long as its action token lives.',
  },
  commit_limit_reached: {
    status: 429,
    title: 'This account has made all the writes that one hour allows.',
    next: 'Wait as long as the answer says, then make a new preview: the action token will have expired by then.',
  },
  credential_revoked: {
    status: 403,
    title: 'The credential was revoked, has expired, or may not write any more. Nothing was done.',
    next: 'Ask the user for a credential with the scope write:trades.',
  },
  confirmation_required: {
    status: 403,
    title: 'This credential needs a person to confirm each write, and this client cannot ask one.',
    next: 'Use a client that supports form elicitation, or do it in TradeCafe. Nothing was done.',
  },
  confirmation_declined: {
    status: 403,
    title: 'The person who was asked did not confirm. Nothing was done.',
    next: 'Do not try again unless the user asks for it.',
  },
  commit_refused: {
    status: 422,
    title: 'TradeCafe refused it. Nothing was done.',
    next: 'Tell the user the reason; to try again make a new preview with dry_run=true.',
  },
  commit_unknown: {
    status: 502,
    title: 'It was sent, but whether TradeCafe carried it out is not known yet. Do not assume that it failed.',
    next: 'The outcome is being looked up. Ask again with the same action_token in 20 seconds to learn it; do not make a new preview before.',
  },
  commit_not_applied: {
    status: 503,
    title: 'It was not carried out, as far as could be seen.',
    next: 'Make a new preview with dry_run=true if the user still wants it: the preview shows whether it took effect late.',
  },
  commit_undetermined: {
    status: 502,
    title: 'Whether TradeCafe carried it out cannot be found out from here.',
    next: 'Do not repeat it blindly: look at get_positions, and ask the user to check in TradeCafe.',
  },
  idempotency_key_required: {
    status: 400,
    title: 'A write needs an Idempotency-Key header.',
    next: 'Send a new random key (a UUID) with each write, and the same one when you repeat it.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'That Idempotency-Key was used for another write.',
    next: 'Send a new random key with each new write.',
  },
  trade_not_read: {
    status: 409,
    title: 'The trade was not read by this credential in the last five minutes.',
    next: 'GET /api/trade/active, show the trade to the user, then write once.',
  },

  // The stdio program, between a client and a backend
  backend_unreachable: {
    status: 503,
    title: 'The TradeCafe backend cannot be reached.',
    next: 'Tell the user; call again in a minute. A commit that may have got through is safe to repeat exactly as it was: it never trades twice.',
  },
  backend_timeout: {
    status: 504,
    title: 'The TradeCafe backend did not answer in time.',
    next: 'Call again in a minute. A commit that may have got through is safe to repeat exactly as it was: it never trades twice.',
  },
  consent_pending: {
    status: 401,
    title: 'The user has to allow this in their browser first.',
    next: 'Tell the user to answer the TradeCafe page that was opened in their browser, and give them the address of the detail, if there is one, in case no page opened. Then call again.',
  },
  consent_refused: {
    status: 403,
    title: 'The user did not allow this, or the browser could not finish it.',
    next: 'Call again only if the user wants to be asked once more.',
  },
  sign_in_not_kept: {
    status: 500,
    title: 'This machine does not let the sign-in be kept.',
    next: 'Tell the user what the detail says: they make that place theirs to read and write, or set TRADECAFE_PAT instead. Then call again.',
  },

  // Ourselves
  cancelled: {
    status: 499,
    title: 'The caller went away before the answer was ready.',
    next: 'Send the request again if the answer is still wanted.',
  },
  database_unavailable: {
    status: 503,
    title: 'The service cannot reach its database right now.',
    next: 'Your token is still good. Try again in a minute.',
  },
  shutting_down: {
    status: 503,
    title: 'This instance is going away.',
    next: 'Send the request again; another instance answers.',
  },
  overloaded: {
    status: 503,
    title: 'The service has more to do than it can.',
    next: 'Try again in a few seconds.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong here.',
    next: 'Try again; if it stays so, report the request id.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_TABLE;
