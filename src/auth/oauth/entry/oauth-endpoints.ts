import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { AppError } from '../../../errors/app-error.js';
import { normalizeRegistration } from '../clients/registration.js';
import { type Answer, AuthorizationServer } from '../provider/authorization-server.js';
import { errors } from '../provider/oidc-library.js';
import { DEVICE_GRANT } from '../provider/provider.js';
import { OauthCalls } from '../storage/oauth-call.js';
import { OauthError } from './oauth-error.js';
import { OauthLimits } from './oauth-limits.js';
import { authorizationParameters, deviceParameters, formParameters } from './parameters.js';
import { resumeCookies } from './resume-cookies.js';

const FORM = 'application/x-www-form-urlencoded';
const succeeded = ({ status }: Answer): boolean => status < 400;

/** The OAuth endpoints: our limits and checks, then the library. Steps stand in the order in which they matter. */
@Injectable()
export class OauthEndpoints {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly server: AuthorizationServer,
    private readonly calls: OauthCalls,
    private readonly limits: OauthLimits,
  ) {}

  /** Begins an authorization: a redirect to the consent page or, refused, to the client; else an error page. */
  async authorize(query: URLSearchParams, address: string): Promise<Answer> {
    await this.limits.authorization(address);
    const parameters = authorizationParameters(query, this.config);
    const url = `/oauth/authorize?${parameters.toString()}`;
    return redirected(
      await this.calls.run(address, () => this.server.answer({ method: 'GET', url, accept: 'text/html', address })),
    );
  }

  /** After the consent: a redirect to the client, once. */
  async resume(uid: string, cookies: string | undefined, address: string): Promise<Answer> {
    const url = `/oauth/authorize/${encodeURIComponent(uid)}`;
    const cookie = resumeCookies(cookies);
    const answer = () => this.server.answer({ method: 'GET', url, accept: 'text/html', cookie, address });
    return redirected(await this.calls.runAtomically(address, answer, succeeded));
  }

  /** Codes, refresh tokens and device codes for tokens (RFC 6749 §3.2), in one transaction. */
  async token(form: URLSearchParams, address: string): Promise<Answer> {
    await this.limits.tokenRequest(address);
    const parameters = formParameters(form, this.config);
    await this.resolveClient(parameters, address);
    await this.refuseHastyDevice(parameters);
    const answer = await this.calls.runAtomically(
      address,
      () => this.post('/oauth/token', parameters, address),
      succeeded,
    );
    if (isFailure(answer)) await this.limits.tokenFailure(address);
    return answer;
  }

  /** RFC 7009, in one transaction. */
  async revoke(form: URLSearchParams, address: string): Promise<Answer> {
    await this.limits.tokenRequest(address);
    const parameters = formParameters(form, this.config);
    await this.resolveClient(parameters, address);
    return this.calls.runAtomically(address, () => this.post('/oauth/revoke', parameters, address), succeeded);
  }

  /** RFC 7591. */
  async register(body: unknown, address: string): Promise<Answer> {
    await this.limits.registration(address);
    const text = JSON.stringify(normalizeRegistration(body));
    return this.calls.run(address, () =>
      this.server.answer({
        method: 'POST',
        url: '/oauth/register',
        accept: 'application/json',
        body: { type: 'application/json', text },
        address,
      }),
    );
  }

  /** RFC 8628 §3.1. */
  async deviceAuthorization(form: URLSearchParams, address: string): Promise<Answer> {
    await this.limits.deviceStart(address);
    const parameters = deviceParameters(form, this.config);
    return this.calls.run(address, () => this.post('/oauth/device_authorization', parameters, address));
  }

  private post(url: string, parameters: URLSearchParams, address: string): Promise<Answer> {
    const body = { type: FORM, text: parameters.toString() };
    return this.server.answer({ method: 'POST', url, accept: 'application/json', body, address });
  }

  /**
   * Before the transaction opens, as a client may have to be fetched. A code's redirect address must still be one of
   * the client's.
   */
  private async resolveClient(parameters: URLSearchParams, address: string): Promise<void> {
    const clientId = parameters.get('client_id');
    if (clientId === null) return;
    const client = await this.calls.run(address, async () => {
      try {
        return await this.server.provider.Client.find(clientId);
      } catch (error) {
        if (error instanceof errors.OIDCProviderError)
          throw new OauthError('invalid_client', 'client is not usable', 401);
        throw error;
      }
    });
    const redirectUri = parameters.get('redirect_uri');
    if (client !== undefined && redirectUri !== null && !client.redirectUriAllowed(redirectUri)) {
      throw new OauthError('invalid_grant', 'grant request is invalid');
    }
  }

  private async refuseHastyDevice(parameters: URLSearchParams): Promise<void> {
    const deviceCode = parameters.get('device_code');
    if (parameters.get('grant_type') !== DEVICE_GRANT || deviceCode === null) return;
    if (!(await this.limits.mayPoll(deviceCode))) throw new OauthError('slow_down', 'wait for the interval');
  }
}

/** Only a redirect goes to a browser as it is; every other answer of the authorization endpoint is a page of ours. */
function redirected(answer: Answer): Answer {
  if (answer.status >= 300 && answer.status < 400) return answer;
  const { error, error_description: description } = JSON.parse(answer.text) as Record<string, string | undefined>;
  if (error === 'invalid_request' && /expired|not found|mismatch|already used/.test(description ?? '')) {
    throw new AppError('authorization_expired');
  }
  throw new AppError('authorization_refused', { detail: [error, description].filter(Boolean).join(': ') });
}

/** What a guess would look like; a device that waits for its person guesses nothing. */
function isFailure({ status, text }: Answer): boolean {
  return status >= 400 && status < 500 && !text.includes('authorization_pending');
}
