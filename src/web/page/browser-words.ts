import type { AppError } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/error-table.js';

interface Words {
  readonly title?: string;
  readonly next?: string;
}

const NEEDS_TOKEN: Words = {
  title: 'This address is for programs.',
  next: 'It opens to a client that sends an access token, not to a browser. The documentation shows how to connect one.',
};
const NEW_TOKEN: Words = { next: 'Create a new one on the page of your tokens.' };
const USE_THE_FORM: Words = {
  title: 'That did not come from our form.',
  next: 'Open the page again and use its form.',
};

/** What a person at a browser is told where the table's words are for programs. */
const IN_A_BROWSER: Partial<Record<ErrorCode, Words>> = {
  invalid_request: {
    title: 'That could not be understood.',
    next: 'The address or the form was cut or changed on its way. Go back and try it from our page.',
  },
  invalid_json: USE_THE_FORM,
  unsupported_media_type: USE_THE_FORM,
  not_found: { next: 'Check the address. What belongs to somebody else is not shown either.' },
  method_not_allowed: NEEDS_TOKEN,
  not_acceptable: NEEDS_TOKEN,
  payload_too_large: { title: 'That is too much text.', next: 'Nothing was done. Go back and send less.' },
  session_required: {
    next: 'Nothing was done. Sign in, then send it once more: a form that you had filled in opens as it was.',
  },
  csrf_failed: {
    title: 'This form is out of date.',
    next: 'Nothing was done. It belongs to another sign-in than this browser has now: perhaps somebody signed in anew, in another tab. Open the page again with this button, check whose it is, and send it once more.',
  },
  origin_not_allowed: {
    title: 'Another site sent you here in a way that is not allowed.',
    next: 'Nothing was done. Open our own page and start from there.',
  },
  access_undeclared: { next: 'Please tell TradeCafe’s support the request id.' },
  token_missing: NEEDS_TOKEN,
  token_malformed: NEEDS_TOKEN,
  token_invalid: NEW_TOKEN,
  token_expired: NEW_TOKEN,
  token_revoked: NEW_TOKEN,
  token_wrong_resource: NEEDS_TOKEN,
  token_in_query: {
    title: 'A token must not stand in an address.',
    next: 'Addresses are kept in histories and logs: revoke this token on the page of your tokens, and give a new one to your client by its settings.',
  },
  rate_limited: { title: 'That was too often in a short time.', next: 'Wait a minute, then go on more slowly.' },
  upstream_timeout: { next: 'Go back and look what is there, then try again in a minute.' },
  upstream_rejected: { next: 'Try again later; if it stays so, ask TradeCafe’s support.' },
  upstream_not_found: { next: 'Go back and look what is there.' },
  upstream_unauthorized: { next: 'You did nothing wrong. Please tell TradeCafe’s support the request id.' },
  upstream_invalid: { next: 'You did nothing wrong. Please tell TradeCafe’s support the request id.' },
  shutting_down: { title: 'This server is being restarted.', next: 'Try again in a few seconds.' },
  overloaded: { title: 'There is more to do than this server can.', next: 'Try again in a few seconds.' },
  database_unavailable: {
    title: 'Our own records cannot be reached right now.',
    next: 'Nothing is lost. Try again in a minute.',
  },
  internal_error: { next: 'Try again; if it stays so, tell TradeCafe’s support the request id.' },
};

/** What happened and what to do, in words for a person. */
export function browserWords({ code, entry }: Pick<AppError, 'code' | 'entry'>): Required<Words> {
  const { title = entry.title, next = entry.next } = IN_A_BROWSER[code] ?? {};
  return { title, next };
}
