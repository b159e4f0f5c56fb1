import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../logging/logger.js';
import type { Fetch } from '../backend/backend.js';
import { Authorization } from './authorization.js';
import { Consent } from './consent.js';

const ENDPOINT = new URL('https://backend.example/mcp');
const OAUTH = { clientId: 'client', scopes: undefined, endpoints: undefined };

/** A backend whose discovery documents say this. */
function backend(resource: string, authorizationEndpoint = 'https://backend.example/oauth/authorize') {
  const asked: string[] = [];
  const fetch: Fetch = async (url) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    if (pathname.startsWith('/.well-known/oauth-protected-resource')) {
      return Response.json({ resource, authorization_servers: ['https://backend.example'] });
    }
    if (pathname !== '/.well-known/oauth-authorization-server') return new Response(null, { status: 404 });
    return Response.json({
      issuer: 'https://backend.example',
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: 'https://backend.example/oauth/token',
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    });
  };
  return { asked, authorization: new Authorization(ENDPOINT, OAUTH, fetch) };
}

const request = (authorization: Authorization) =>
  authorization.request('http://127.0.0.1:1/callback', 'the-state', 'read:account');

describe('Authorization', () => {
  it('asks for a code for this very resource, with PKCE, and looks for the server once', async () => {
    const { asked, authorization } = backend('https://backend.example/mcp');
    const { url, codeVerifier } = await request(authorization);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'client',
      code_challenge_method: 'S256',
      redirect_uri: 'http://127.0.0.1:1/callback',
      resource: 'https://backend.example/mcp',
      response_type: 'code',
      state: 'the-state',
    });
    expect(codeVerifier.length).toBeGreaterThanOrEqual(43);
    const before = asked.length;
    await request(authorization);
    expect(asked).toHaveLength(before);
  });

  it.each(['https://other.example/mcp', 'https://backend.example/other'])(
    'does not follow metadata that is for another resource: %s',
    async (resource) => {
      const { authorization } = backend(resource);
      await expect(request(authorization)).rejects.toMatchObject({
        code: 'backend_unreachable',
        detail: expect.stringContaining(resource) as unknown,
      });
    },
  );

  it('looks again after a failure', async () => {
    let isAway = true;
    const { authorization: works } = backend('https://backend.example/mcp');
    const flaky = new Authorization(ENDPOINT, OAUTH, async (url, init) => {
      if (isAway) throw new TypeError('fetch failed');
      return (works as unknown as { fetch: Fetch }).fetch(url, init);
    });
    await expect(request(flaky)).rejects.toThrow();
    isAway = false;
    expect((await request(flaky)).url.pathname).toBe('/oauth/authorize');
  });
});

describe('Consent', () => {
  it.each(['file:///etc/passwd', 'javascript:alert(1)', 'ms-calculator:'])(
    'opens nothing but a page of the web: %s',
    async (address) => {
      const authorization = {
        request: async () => ({ url: new URL(address), codeVerifier: 'v'.repeat(43) }),
      } as unknown as Authorization;
      const consent = new Consent(authorization, createLogger({ logLevel: 'silent' }, 2));
      await expect(consent.ask(undefined)).rejects.toMatchObject({ code: 'consent_refused' });
      expect(consent.url).toBeUndefined();
    },
  );
});
