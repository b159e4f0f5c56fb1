import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { OAuthTokens } from '@modelcontextprotocol/client';
import { AppError } from '../../../errors/app-error.js';
import type { Logger } from '../../../logging/logger.js';
import type { Authorization } from './authorization.js';
import { CallbackListener } from './callback-listener.js';
import { openBrowser } from './open-browser.js';

/** How long the consent page may stay open before the answer counts as none. */
export const CONSENT_WITHIN_MS = 5 * 60_000;

/** Sends the person to the consent page, and waits for what they decide. */
export class Consent {
  /** Where the person is being asked right now. */
  url: URL | undefined;

  constructor(
    private readonly authorization: Authorization,
    private readonly logger: Logger,
  ) {}

  /**
   * @param scope space-separated; undefined: the server's choice
   * @throws AppError consent_refused when the person says no, or too late; whatever redeeming throws
   */
  async ask(scope: string | undefined): Promise<OAuthTokens> {
    const state = randomBytes(32).toString('base64url');
    const listener = await CallbackListener.open(state);
    try {
      const { redirectUri } = listener;
      const { url, codeVerifier } = await this.authorization.request(redirectUri, state, scope);
      this.url = url;
      this.show(url);
      const late = delay(CONSENT_WITHIN_MS, undefined, { ref: false });
      const query = await Promise.race([listener.answer, late]);
      if (query === undefined) throw refused('Nobody answered within five minutes.');
      // RFC 6749 §4.1.2.1. What else the answer says is from outside, and is not shown to a model.
      if (!query.has('code'))
        throw refused(query.get('error') === 'access_denied' ? undefined : 'It ended in an error.');
      return await this.authorization.redeem(query, codeVerifier, redirectUri);
    } finally {
      this.url = undefined;
      listener.close();
    }
  }

  private show(url: URL): void {
    if (!/^https?:$/.test(url.protocol)) throw refused('The address of the consent page is none of the web.');
    this.logger.warn({ url: url.href }, 'TradeCafe asks for your consent in the browser; if no page opens, open this');
    openBrowser(url, (error) => this.logger.warn({ err: error }, 'no browser could be opened'));
  }
}

function refused(detail: string | undefined): AppError {
  return new AppError('consent_refused', { detail });
}
