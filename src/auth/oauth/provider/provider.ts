import { generateKeyPairSync } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { Adapter, Configuration, FindAccount } from 'oidc-provider';
import type { Config } from '../../../config/config.js';
import { ALL_SCOPES } from '../../scopes.js';
import { defaultResource, resourceOf, resourceUrl, STATIC_CLIENT_ID } from '../resources.js';
import { deriveKey } from '../storage/artifact-seal.js';
import { consentPolicy } from './consent-policy.js';
import { errors, Provider } from './oidc-library.js';
import { REFUSED, refuseByPolicy } from './request-policy.js';
import { newClientId, prefixTokens } from './token-ids.js';

const HOUR_S = 60 * 60;
const DAY_S = 24 * HOUR_S;
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
export const GRANT_TYPES = ['authorization_code', 'refresh_token', DEVICE_GRANT];

/** Names of the library's cookies. Its session is never sent back to it: the site's session says who the user is. */
export const COOKIES = { session: 'oauth_sid', interaction: 'oauth_ix', resume: 'oauth_rs' } as const;

/** What the library needs of the rest of the service. */
export interface ProviderParts {
  readonly config: Pick<Config, 'publicUrl' | 'apiPublicUrl' | 'secrets'>;
  readonly adapter: (model: string) => Adapter;
  readonly findAccount: FindAccount;
  /** Fetches a Client ID Metadata Document. */
  readonly fetchMetadata: (address: string) => Promise<Response>;
  /** Whether this caller may have one more document fetched. */
  readonly mayFetch: () => Promise<boolean>;
  /** Hears why the library answered `server_error`. */
  readonly onFailure: (error: unknown) => void;
  /** Hears what was refused, for the log. */
  readonly onRefusal: (error: Error) => void;
}

/** The authorization server: oidc-provider as plain OAuth 2.1, without OpenID. */
export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.config.publicUrl, configuration(parts));
  // Absolute addresses come from the Host header, which our entry pins to the issuer.
  provider.proxy = true;
  prefixTokens(provider);
  provider.on('server_error', (_ctx, error: Error) => parts.onFailure(error));
  // Koa's own, which the library's types do not know.
  (provider as EventEmitter).on('error', (error: unknown) => parts.onFailure(error));
  for (const event of [
    'authorization.error',
    'grant.error',
    'revocation.error',
    'registration_create.error',
  ] as const) {
    provider.on(event as 'grant.error', (_ctx, error) => parts.onRefusal(error));
  }
  return provider;
}

function configuration(parts: ProviderParts): Configuration {
  const { config } = parts;
  const secure = config.publicUrl.startsWith('https://');
  // No path: each is the library's own, one authorization's, so that two tabs of a browser do not take each other's place.
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure } as const;
  return {
    adapter: parts.adapter,
    clients: [
      {
        client_id: STATIC_CLIENT_ID,
        client_name: 'TradeCafe MCP',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: GRANT_TYPES,
        response_types: ['code'],
      },
    ],
    clientDefaults: {
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
    clientAuthMethods: ['none'],
    // Nothing is ever signed: tokens are opaque. The library wants a key nevertheless, and without one takes a known one.
    jwks: { keys: [throwAwayKey()] },
    responseTypes: ['code'],
    scopes: [],
    claims: {},
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    extraParams: { [REFUSED]: refuseByPolicy },
    cookies: {
      names: COOKIES,
      keys: [Buffer.from(deriveKey(config.secrets.tokenPepper, 'oauth-cookies')).toString('base64url')],
      short: cookie,
      long: cookie,
    },
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      registration: '/oauth/register',
      device_authorization: '/oauth/device_authorization',
      code_verification: '/oauth/device',
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', deviceInfo: () => ({}) },
      registration: { enabled: true, issueRegistrationAccessToken: false, idFactory: newClientId },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02', allowFetch: parts.mayFetch },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, client) => resourceUrl(config, defaultResource(client.clientId)),
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, indicator) => {
          if (resourceOf(config, indicator) === undefined) throw new errors.InvalidTarget('there is no such resource');
          return { scope: ALL_SCOPES.join(' '), audience: indicator, accessTokenFormat: 'opaque' };
        },
      },
    },
    fetch: (address) => parts.fetchMetadata(String(address instanceof Request ? address.url : address)),
    findAccount: parts.findAccount,
    interactions: { policy: consentPolicy(), url: (_ctx, { uid }) => `/oauth/interaction/${uid}` },
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    revokeGrantPolicy: () => true,
    // Browsers' origins are checked where all others are, in front of every route.
    clientBasedCORS: () => true,
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
    ttl: {
      AccessToken: HOUR_S,
      AuthorizationCode: 60,
      DeviceCode: 10 * 60,
      // Long enough to sign in at the site on the way.
      Interaction: HOUR_S,
      Session: HOUR_S,
      Grant: 365 * DAY_S,
      RefreshToken: 60 * DAY_S,
      IdToken: HOUR_S,
    },
  };
}

function throwAwayKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
}
