import { OauthError } from '../entry/oauth-error.js';
import { DEVICE_GRANT } from '../provider/provider.js';

const MAX_URIS = 10;
const MAX_URI = 512;
const MAX_NAME = 80;
/** Schemes that a browser runs, reads or mails instead of handing over to an app. */
const FORBIDDEN_SCHEME = /^(?:javascript|data|vbscript|file|blob|about|ftp|wss?|mailto|tel|view-source|chrome|edge):$/;

/** What a registration may decide (RFC 7591 §2); everything else is ours, whatever was asked for. */
interface Registration {
  readonly redirect_uris: readonly string[];
  readonly client_name?: string;
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly application_type: 'native';
  readonly token_endpoint_auth_method: 'none';
}

/**
 * What MCP clients send, made into a public client: no secret, no keys, no scopes, no addresses but those it is
 * redirected to. Loopback, https and custom schemes are checked once more by the library.
 * @throws OauthError invalid_client_metadata, invalid_redirect_uri
 */
export function normalizeRegistration(body: unknown): Registration {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new OauthError('invalid_client_metadata', 'a JSON object is expected');
  }
  const { redirect_uris: uris, client_name: name, grant_types: grants } = body as Readonly<Record<string, unknown>>;
  const clientName = nameOf(name);
  const device = Array.isArray(grants) && grants.includes(DEVICE_GRANT);
  return {
    redirect_uris: redirectUris(uris),
    ...(clientName === undefined ? {} : { client_name: clientName }),
    grant_types: ['authorization_code', 'refresh_token', ...(device ? [DEVICE_GRANT] : [])],
    response_types: ['code'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
  };
}

/** A stranger's text for our consent page: without what could disguise it. */
export function nameOf(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  return name.replace(/\p{C}/gu, '').replace(/\s+/g, ' ').trim().slice(0, MAX_NAME).trim() || undefined;
}

function redirectUris(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_URIS || !value.every(isRedirectUri)) {
    throw new OauthError(
      'invalid_redirect_uri',
      `1 to ${MAX_URIS} redirect_uris, loopback http, https or an app's scheme`,
    );
  }
  return value;
}

function isRedirectUri(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_URI || /[\s\\]|\p{Cc}/u.test(value)) return false;
  if (!URL.canParse(value)) return false;
  const { protocol, hash, username, password } = new URL(value);
  return !value.includes('#') && hash === '' && username === '' && password === '' && !FORBIDDEN_SCHEME.test(protocol);
}
