import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/error-table.js';

type TokenErrorCode = Extract<
  ErrorCode,
  `token_${'missing' | 'malformed' | 'invalid' | 'expired' | 'revoked' | 'in_query' | 'wrong_resource'}`
>;

/**
 * A 401 about a token; it says where the person finds their tokens.
 * @param reason public sentence with a full stop, for what the code alone does not say
 */
export function tokenRefused(config: Pick<Config, 'publicUrl'>, code: TokenErrorCode, reason = ''): AppError {
  const url = `${config.publicUrl}/settings/tokens`;
  return new AppError(code, { detail: `${reason} Your tokens: ${url}`.trim(), data: { settings_url: url } });
}
