import type { Config } from '../../../config/config.js';
import { REFUSED } from '../provider/request-policy.js';
import { effectiveScope } from '../provider/scope-parameter.js';
import { resourceOf, resourceUrl } from '../resources.js';
import { OauthError } from './oauth-error.js';

type Urls = Pick<Config, 'apiPublicUrl'>;

/** What an authorization request may say; the rest is ignored (RFC 6749 §3.1). */
const AUTHORIZATION = new Set([
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'prompt',
  'response_mode',
  'request',
  'request_uri',
]);
const CONTROL = /\p{Cc}/u;

type Step = (parameters: URLSearchParams, urls: Urls) => void;

/** PostgreSQL cannot store NUL, and nothing that OAuth defines has any control character. */
const noControlCharacters: Step = (parameters) => {
  for (const [name, value] of parameters) {
    if (CONTROL.test(name) || CONTROL.test(value)) {
      throw new OauthError('invalid_request', 'control characters are not allowed');
    }
  }
};

const knownOnly: Step = (parameters) => {
  const unknown = [...parameters.keys()].filter((name) => !AUTHORIZATION.has(name));
  for (const name of unknown) parameters.delete(name);
};

const oneScopeThatExists: Step = (parameters) => {
  // Sent twice it is refused by the library, like everything that is sent twice.
  if (parameters.getAll('scope').length <= 1) parameters.set('scope', effectiveScope(parameters.get('scope')));
};

/** Clients write the same resource with and without a slash; tokens and grants know one way. */
const canonicalResource: Step = (parameters, urls) => {
  const [indicator, ...more] = parameters.getAll('resource');
  if (indicator === undefined || more.length > 0) return;
  const resource = resourceOf(urls, indicator);
  if (resource !== undefined) parameters.set('resource', resourceUrl(urls, resource));
};

/** A code in a fragment or a form post reaches scripts that a query does not; no client of ours needs either. */
const answerByQuery: Step = (parameters) => {
  const modes = parameters.getAll('response_mode');
  parameters.delete('response_mode');
  if (modes.some((mode) => mode !== 'query')) parameters.set(REFUSED, 'response_mode');
};

const AUTHORIZATION_STEPS: readonly Step[] = [
  noControlCharacters,
  knownOnly,
  oneScopeThatExists,
  canonicalResource,
  answerByQuery,
];
const DEVICE_STEPS: readonly Step[] = [noControlCharacters, knownOnly, oneScopeThatExists, canonicalResource];
const FORM_STEPS: readonly Step[] = [noControlCharacters, canonicalResource];

/** @throws OauthError invalid_request */
export function authorizationParameters(query: URLSearchParams, urls: Urls): URLSearchParams {
  return apply(AUTHORIZATION_STEPS, query, urls);
}

/** @throws OauthError invalid_request */
export function deviceParameters(form: URLSearchParams, urls: Urls): URLSearchParams {
  return apply(DEVICE_STEPS, form, urls);
}

/** Of the token and the revocation endpoint. @throws OauthError invalid_request */
export function formParameters(form: URLSearchParams, urls: Urls): URLSearchParams {
  return apply(FORM_STEPS, form, urls);
}

function apply(steps: readonly Step[], given: URLSearchParams, urls: Urls): URLSearchParams {
  const parameters = new URLSearchParams(given);
  for (const step of steps) step(parameters, urls);
  return parameters;
}
