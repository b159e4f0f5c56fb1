import type { LiveMode } from '../../../config/load-stdio-config.js';
import type { Logger } from '../../../logging/logger.js';
import { Authorization } from '../oauth/authorization.js';
import { Consent } from '../oauth/consent.js';
import { Credential } from '../oauth/credential.js';
import { oauthFetch } from '../oauth/oauth-fetch.js';
import { TokenFile } from '../oauth/token-file.js';
import type { Backend } from './backend.js';
import { bearerFetch } from './bearer-fetch.js';
import { remoteFetch } from './remote-fetch.js';

/** A backend elsewhere, with the configured token, or with the person's consent in the browser. */
export function liveBackend({ endpoint: address, pat, oauth, requestTimeoutMs }: LiveMode, logger: Logger): Backend {
  const endpoint = new URL(address);
  const fetch = remoteFetch(requestTimeoutMs);
  if (pat !== undefined) return { endpoint, fetch: bearerFetch(fetch, pat), isReady: () => true, prepare };
  const authorization = new Authorization(endpoint, oauth, fetch);
  const file = new TokenFile(endpoint, oauth.clientId);
  const credential = new Credential(file, authorization, new Consent(authorization, logger), oauth.scopes);
  return { endpoint, fetch: oauthFetch(fetch, credential), isReady: () => credential.isStored(), prepare };
}

/** Nothing: a person is asked when they call something, not when their program starts. */
function prepare(): void {}
