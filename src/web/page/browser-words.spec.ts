import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../errors/app-error.js';
import { ERROR_TABLE, type ErrorCode } from '../../errors/error-table.js';
import { browserWords } from './browser-words.js';

/** What only a tool call or a request with a token can run into; a page says no more of these than their titles. */
const OF_PROGRAMS = new Set<ErrorCode>([
  'invalid_arguments',
  'unknown_tool',
  'session_not_found',
  'insufficient_scope',
  'signal_not_found',
  'pending_trade_not_found',
  'position_not_found',
  'action_token_required',
  'action_token_invalid',
  'action_token_expired',
  'action_token_wrong_tool',
  'action_token_arguments_changed',
  'action_token_used',
  'action_token_superseded',
  'preview_changed',
  'account_frozen',
  'cap_exceeded',
  'commit_in_progress',
  'commit_limit_reached',
  'credential_revoked',
  'confirmation_required',
  'confirmation_declined',
  'commit_refused',
  'commit_unknown',
  'commit_not_applied',
  'commit_undetermined',
  'idempotency_key_required',
  'idempotency_key_reused',
  'trade_not_read',
  'cancelled',
]);

const JARGON =
  /\b(?:JSON|HTTP|header|Accept|Authorization|Bearer|Content-Type|Retry-After|Origin|ALLOWED_ORIGINS|method|body|scope|pwa-be|dry_run|[a-z]+_[a-z_]+|(?:GET|POST) \/|KiB)\b/;

describe('what a browser is told', () => {
  const codes = (Object.keys(ERROR_TABLE) as ErrorCode[]).filter((code) => !OF_PROGRAMS.has(code));

  it.each(codes)('of %s is in words for a person', (code) => {
    const { title, next } = browserWords(new AppError(code));
    expect(`${title} ${next}`).not.toMatch(JARGON);
  });

  it('leaves out no code that has words of its own', () => {
    for (const code of OF_PROGRAMS) expect(browserWords(new AppError(code)).title).toBe(ERROR_TABLE[code].title);
  });
});
