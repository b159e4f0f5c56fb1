import type { OAuthDiscoveryState as ModernDiscovery } from '@modelcontextprotocol/client';
import type { OAuthDiscoveryState as LegacyDiscovery } from '@modelcontextprotocol/sdk/client/auth.js';
import { issued } from '../../support/run-logs/run-logs.js';

type Discovery = ModernDiscovery & LegacyDiscovery;

/** Where the clients of these tests are sent back to; nobody listens there. */
export const REDIRECT_URL = 'http://127.0.0.1:43299/callback';

interface StoredTokens {
  access_token: string;
  token_type: string;
  refresh_token?: string;
  scope?: string;
}

interface StoredClient {
  client_id: string;
}

/** What an MCP SDK asks of its host: remembers tokens and client, and keeps the address instead of opening a browser. */
export class ScriptedProvider {
  readonly redirectUrl = REDIRECT_URL;
  readonly clientMetadata = {
    client_name: 'SDK test',
    redirect_uris: [REDIRECT_URL],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  authorizationUrl: URL | undefined;
  current: StoredTokens | undefined;
  private client: StoredClient | undefined;
  private verifier = '';
  private discovery: Discovery | undefined;

  /** @param clientMetadataUrl where the client publishes its metadata document, if it does */
  constructor(readonly clientMetadataUrl?: string) {}

  clientInformation(): StoredClient | undefined {
    return this.client;
  }

  saveClientInformation(client: StoredClient): void {
    this.client = client;
  }

  tokens(): StoredTokens | undefined {
    return this.current;
  }

  saveTokens(tokens: StoredTokens): void {
    this.current = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }

  /** Which server the browser was sent to: SDK v2 compares it with the one that answers. */
  saveDiscoveryState(state: LegacyDiscovery | ModernDiscovery): void {
    this.discovery = state;
  }

  discoveryState(): Discovery | undefined {
    return this.discovery;
  }

  /** @throws Error when the client did not want a browser */
  takeAuthorizationUrl(): URL {
    const url = this.authorizationUrl;
    if (url === undefined) throw new Error('nobody asked for a browser');
    this.authorizationUrl = undefined;
    return url;
  }

  saveCodeVerifier(verifier: string): void {
    this.verifier = issued(verifier);
  }

  codeVerifier(): string {
    return this.verifier;
  }
}
