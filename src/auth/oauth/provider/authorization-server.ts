import { Inject, Injectable } from '@nestjs/common';
import inject from 'light-my-request';
import type Provider from 'oidc-provider';
import type { AccessToken, AuthorizationCode, DeviceCode, RefreshToken } from 'oidc-provider';
import { CONFIG, type Config } from '../../../config/config.js';
import { LOGGER, type Logger } from '../../../logging/logger.js';
import { UserStanding } from '../../pat/user-standing.js';
import { ClientMetadataFetch } from '../clients/client-metadata.fetch.js';
import { OauthLimits } from '../entry/oauth-limits.js';
import { GrantAdapter } from '../grants/grant.adapter.js';
import { GrantStore } from '../grants/grant.store.js';
import { ArtifactAdapter } from '../storage/artifact.adapter.js';
import { ArtifactStore } from '../storage/artifact.store.js';
import { FORGETFUL_ADAPTER } from '../storage/forgetful.adapter.js';
import { OauthCalls } from '../storage/oauth-call.js';
import { createProvider } from './provider.js';

type AccountToken = AccessToken | AuthorizationCode | DeviceCode | RefreshToken;

/** A request as our checks let it through: nothing else of the caller's reaches the library. */
export interface CheckedRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly url: string;
  readonly accept: 'application/json' | 'text/html';
  /** Cookie header; only the library's own cookies. */
  readonly cookie?: string;
  readonly body?: { readonly type: string; readonly text: string };
  readonly address: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly text: string;
}

/** What of an answer goes out; the rest (CORS for everybody, the library's own session) does not. */
const HEADERS = ['content-type', 'location', 'set-cookie', 'cache-control'];

/** The library, as a function from checked requests to answers. */
@Injectable()
export class AuthorizationServer {
  readonly provider: Provider;
  private readonly dispatch: inject.DispatchFunc;
  private readonly issuer: URL;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
    private readonly standing: UserStanding,
    calls: OauthCalls,
    artifacts: ArtifactStore,
    private readonly grants: GrantStore,
    limits: OauthLimits,
    metadata: ClientMetadataFetch,
  ) {
    this.issuer = new URL(config.publicUrl);
    this.provider = createProvider({
      config,
      adapter: (model) => {
        if (model === 'Session') return FORGETFUL_ADAPTER;
        if (model === 'Grant') return new GrantAdapter(grants);
        return new ArtifactAdapter(model, artifacts, grants, config.oauth.refreshGraceSeconds);
      },
      findAccount: (_ctx, userId, token) => this.account(userId, token as AccountToken | undefined),
      fetchMetadata: (address) => metadata.fetch(address),
      mayFetch: () => limits.mayFetchMetadata(calls.address),
      onFailure: (error) => {
        calls.fail(error);
        logger.error({ err: error }, 'the authorization server failed');
      },
      onRefusal: (error) => {
        const { message: refusal, error_detail: detail } = error as Error & { error_detail?: string };
        logger.info({ refusal, detail }, 'an OAuth request was refused');
      },
    });
    const handle = this.provider.callback();
    this.dispatch = (request, response) => void handle(request, response);
  }

  /** One request to the library; absolute addresses in its answer stay on the issuer, whatever the Host header said. */
  async answer({ method, url, accept, cookie, body, address }: CheckedRequest): Promise<Answer> {
    const response = await inject(this.dispatch, {
      method,
      url,
      remoteAddress: address,
      headers: {
        host: this.issuer.host,
        'x-forwarded-proto': this.issuer.protocol.slice(0, -1),
        accept,
        ...(cookie === undefined ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { payload: body.text }),
    });
    const headers: Record<string, string | string[]> = {};
    for (const name of HEADERS) {
      const value = response.headers[name];
      if (value !== undefined) headers[name] = name === 'set-cookie' ? ownCookies(value) : String(value);
    }
    return { status: response.statusCode, headers, text: response.payload };
  }

  /** Whether TradeCafe still knows the user, asked once a day while their tokens are used. */
  private async account(userId: string, token: AccountToken | undefined) {
    const account = { accountId: userId, claims: () => ({ sub: userId }) };
    if (token?.grantId === undefined) return account;
    const checkedAt = await this.grants.userCheckedAt(token.grantId);
    return checkedAt !== undefined && (await this.standing.isGone(userId, checkedAt)) ? undefined : account;
  }
}

function ownCookies(value: number | string | readonly string[]): string[] {
  return [value]
    .flat()
    .map(String)
    .filter((cookie) => !cookie.startsWith('oauth_sid'));
}
