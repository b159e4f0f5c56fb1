import { describe, expect, it } from '@jest/globals';
import { ERROR_TABLE, type ErrorCode } from './error-table.js';
import { nextStep } from './next-step.js';

/** What means something to those who call tools only. */
const TOOL_LANGUAGE = /dry_run|\bget_[a-z_]+|\btools?\b|elicitation|\bcall\b/i;
/** Said over MCP only; the others by the stdio proxy, which no REST client sees. */
const TOOLS_ONLY: ReadonlySet<ErrorCode> = new Set([
  'unknown_tool',
  'backend_unreachable',
  'backend_timeout',
  'consent_pending',
  'consent_refused',
  'sign_in_not_kept',
]);
/** The round trip with action tokens, and single signals. */
const NOT_AT_API = /^action_token_|^signal_not_found$/;

const codes = Object.keys(ERROR_TABLE) as ErrorCode[];
const next = (code: ErrorCode, path: string): string => nextStep({ code, entry: ERROR_TABLE[code] }, path);

describe('what to do next', () => {
  it.each(codes.filter((code) => !TOOLS_ONLY.has(code)))('about %s is said without tools at /v1', (code) => {
    expect(next(code, '/v1/positions/close')).not.toMatch(TOOL_LANGUAGE);
  });

  it.each(codes.filter((code) => !TOOLS_ONLY.has(code) && !NOT_AT_API.test(code)))(
    'about %s is said in the paths of /api there',
    (code) => {
      expect(next(code, '/api/trade/close/:id')).not.toMatch(TOOL_LANGUAGE);
      expect(next(code, '/api/trade/close/:id')).not.toMatch(/\/v1\/(?!session)/);
    },
  );

  it('is in the language of tools elsewhere', () => {
    for (const path of ['/mcp', '/v10/x', '/settings/tokens', '/']) {
      expect(next('action_token_required', path)).toContain('dry_run=true');
    }
  });
});
