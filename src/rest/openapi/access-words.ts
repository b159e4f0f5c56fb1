import type { AccessRule } from '../../auth/access.decorator.js';
import type { ErrorCode } from '../../errors/error-table.js';
import type { RouteParameter } from '../../http/route-description.js';

/** What an access rule means for everybody who reads the document. */
interface AccessWords {
  /** OpenAPI's security requirements: any one of them. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly RouteParameter[];
  /** What the guard refuses with. */
  readonly errors: readonly ErrorCode[];
}

const SESSION: readonly ErrorCode[] = [
  'session_required',
  'invalid_request',
  'upstream_unavailable',
  'database_unavailable',
];
const BEARER: readonly ErrorCode[] = [
  'database_unavailable',
  'rate_limited',
  'token_expired',
  'token_in_query',
  'token_invalid',
  'token_malformed',
  'token_missing',
  'token_revoked',
  'token_wrong_resource',
];
const CSRF_TOKEN: RouteParameter = {
  name: 'X-CSRF-Token',
  in: 'header',
  required: true,
  description: 'The csrf_token of GET /v1/session; the Origin must be ours, too.',
  schema: { type: 'string' },
};

/** @param scope what a bearer token needs here */
export function accessWords(access: AccessRule, scope: string | undefined): AccessWords {
  switch (access) {
    case 'public':
      return { security: [], parameters: [], errors: [] };
    case 'session':
      return { security: [{ session: [] }], parameters: [], errors: SESSION };
    case 'session+csrf':
      return { security: [{ session: [] }], parameters: [CSRF_TOKEN], errors: [...SESSION, 'csrf_failed'] };
    default: {
      const scopes = scope === undefined ? [] : [scope];
      return { security: [{ token: scopes }, { oauth: scopes }], parameters: [], errors: BEARER };
    }
  }
}
