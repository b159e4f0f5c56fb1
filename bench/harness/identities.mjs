// Who calls: users of the sandbox, a personal access token for each, and the service's environment that belongs to them.
import { createHmac } from 'node:crypto';
import { ALL_SCOPES } from '../../dist/auth/scopes.js';

export const SECRETS = {
  TOKEN_PEPPER: 'bench-pepper-of-the-token-hashes-000000001',
  AUDIT_SIGNING_KEY: Buffer.alloc(32, 7).toString('base64'),
  PWA_BE_JWT_SECRET: 'bench-secret-of-the-pwa-be-user-tokens-0001',
  SESSION_JWT_SECRET: 'bench-secret-of-the-site-session-cookie-001',
};

/** The environment of a production instance that is not kept from anything but its limits on one caller. */
export function serviceEnvironment(databaseUrl, upstreamUrl, port) {
  return {
    ...SECRETS,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: databaseUrl,
    TRADECAFE_MODE: 'live',
    PWA_BE_BASE_URL: upstreamUrl,
    LOGIN_URL: 'https://site.example/login',
    // Counted like any other; only high enough for a load.
    RATE_LIMIT_PER_MINUTE: '1000000',
    COMMITS_PER_HOUR: '1000000',
  };
}

/** What pwa-be takes for a user, for peers that have nothing to sign it with. */
export function upstreamToken(user) {
  return jwt(user, SECRETS.PWA_BE_JWT_SECRET);
}

/** A personal access token with every scope for each of the users, in their order. */
export async function mintTokens(serviceUrl, users) {
  const minted = [];
  for (const user of users) {
    const browser = await signedIn(serviceUrl, user);
    const response = await browser.post('/v1/tokens', { name: 'bench', scopes: [...ALL_SCOPES] });
    minted.push({ user, ...(await response.json()) });
  }
  return minted;
}

/** The headers of callers who show these tokens. */
export function bearers(minted) {
  return minted.map(({ token }) => ({ authorization: `Bearer ${token}` }));
}

/** A browser that is signed in on the site: its cookie, and the CSRF token that belongs to it. */
export async function signedIn(serviceUrl, user) {
  const headers = { cookie: `auth=${jwt(user, SECRETS.SESSION_JWT_SECRET)}`, origin: serviceUrl };
  const session = await (await fetch(`${serviceUrl}/v1/session`, { headers })).json();
  const own = { ...headers, 'x-csrf-token': session.csrf_token, 'content-type': 'application/json' };
  return {
    post: async (path, body) =>
      good(await fetch(serviceUrl + path, { method: 'POST', headers: own, body: JSON.stringify(body) })),
    remove: async (path) => good(await fetch(serviceUrl + path, { method: 'DELETE', headers: own, body: '{}' })),
  };
}

async function good(response) {
  if (response.ok) return response;
  throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
}

/** HS256, good for a day. */
function jwt(user, secret) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, iat: now, exp: now + 86_400 })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
