import {
  checkResourceAllowed,
  discoverOAuthServerInfo,
  exchangeAuthorization,
  type OAuthTokens,
  refreshAuthorization,
  startAuthorization,
} from '@modelcontextprotocol/client';
import type { LiveMode } from '../../../config/load-stdio-config.js';
import { AppError } from '../../../errors/app-error.js';
import type { Fetch } from '../backend/backend.js';

type ServerMetadata = Awaited<ReturnType<typeof discoverOAuthServerInfo>>['authorizationServerMetadata'];

/** Where a backend's tokens come from. */
interface Issuer {
  readonly url: string;
  readonly metadata: ServerMetadata;
  /** RFC 8707: what the tokens are for. */
  readonly resource: string;
}

/** A request for access on its way through the browser. */
export interface AuthorizationRequest {
  readonly url: URL;
  readonly codeVerifier: string;
}

/** OAuth 2.1 with a backend's authorization server, through the SDK: discovery, PKCE, code, refresh. */
export class Authorization {
  private issuer: Promise<Issuer> | undefined;

  constructor(
    private readonly endpoint: URL,
    private readonly oauth: LiveMode['oauth'],
    private readonly fetch: Fetch,
  ) {}

  /** The address that the browser is sent to (PKCE S256 always). */
  async request(redirectUrl: string, state: string, scope: string | undefined): Promise<AuthorizationRequest> {
    const { url, metadata, resource } = await this.discover();
    const { authorizationUrl, codeVerifier } = await startAuthorization(url, {
      metadata,
      clientInformation: this.client,
      redirectUrl,
      scope,
      state,
      resource,
    });
    return { url: authorizationUrl, codeVerifier };
  }

  /** Trades the browser's answer for tokens. @throws OAuthError, IssuerMismatchError (RFC 9207) */
  async redeem(query: URLSearchParams, codeVerifier: string, redirectUri: string): Promise<OAuthTokens> {
    const { url, metadata, resource } = await this.discover();
    return exchangeAuthorization(url, {
      metadata,
      clientInformation: this.client,
      authorizationCode: query.get('code')!,
      iss: query.get('iss') ?? undefined,
      codeVerifier,
      redirectUri,
      resource,
      fetchFn: this.fetch,
    });
  }

  /** @throws OAuthError, `invalid_grant` when the consent has ended */
  async refresh(refreshToken: string): Promise<OAuthTokens> {
    const { url, metadata, resource } = await this.discover();
    const client = { metadata, clientInformation: this.client, resource, fetchFn: this.fetch };
    return refreshAuthorization(url, { ...client, refreshToken });
  }

  private get client(): { client_id: string } {
    return { client_id: this.oauth.clientId };
  }

  private discover(): Promise<Issuer> {
    this.issuer ??= this.findIssuer().catch((error: unknown) => {
      this.issuer = undefined;
      throw error;
    });
    return this.issuer;
  }

  private async findIssuer(): Promise<Issuer> {
    const { endpoints } = this.oauth;
    if (endpoints !== undefined) return configured(endpoints, this.endpoint);
    const info = await discoverOAuthServerInfo(this.endpoint, { fetchFn: this.fetch });
    const resource = info.resourceMetadata?.resource ?? this.endpoint.href;
    // RFC 9728 §3.3: metadata for somebody else's resource must not steer our tokens there.
    if (!checkResourceAllowed({ requestedResource: this.endpoint, configuredResource: resource })) {
      throw new AppError('backend_unreachable', { detail: `Its metadata is that of another resource, ${resource}.` });
    }
    return { url: info.authorizationServerUrl, metadata: info.authorizationServerMetadata, resource };
  }
}

/** TRADECAFE_AUTH_URL and TRADECAFE_TOKEN_URL instead of discovery. The issuer is the origin of the consent page. */
function configured({ authorization, token }: { authorization: string; token: string }, endpoint: URL): Issuer {
  const issuer = new URL(authorization).origin;
  return {
    url: issuer,
    metadata: {
      issuer,
      authorization_endpoint: authorization,
      token_endpoint: token,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
    },
    resource: endpoint.href,
  };
}
