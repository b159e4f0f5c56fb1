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
    next: 'Send Content-Type: application/json.',
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

  // Limits
  rate_limited: {
    status: 429,
    title: 'Too many requests.',
    next: 'Wait as long as Retry-After says, then go on more slowly.',
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
