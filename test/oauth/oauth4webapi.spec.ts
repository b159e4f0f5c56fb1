import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { issued } from '../support/run-logs/run-logs.js';
import { until } from '../support/until.js';
import { Browser } from './support/browser.js';
import { callMcp } from './support/flow.js';

const REDIRECT = 'http://127.0.0.1:43210/callback';
const HTTP = { [oauth.allowInsecureRequests]: true };

let environment: Environment;
let app: TestApp;
let server: oauth.AuthorizationServer;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  const issuer = new URL(app.config.publicUrl);
  const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...HTTP });
  server = await oauth.processDiscoveryResponse(issuer, discovered);
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

/** A client that keeps strictly to the specifications: registered, through consent, with tokens. */
async function connected() {
  const registration = { client_name: 'Strict', redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none' };
  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(server, registration, HTTP),
  );
  const verifier = issued(oauth.generateRandomCodeVerifier());
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint!);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'read:account',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    resource: `${app.config.publicUrl}/mcp`,
  }).toString();
  const browser = await new Browser(app).signIn();
  const back = await browser.press(await browser.form(url.href), 'authorize');
  const parameters = oauth.validateAuthResponse(server, client, new URL(back.headers.get('location')!), state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    REDIRECT,
    verifier,
    HTTP,
  );
  return { client, tokens: await oauth.processAuthorizationCodeResponse(server, client, response) };
}

const refresh = async (client: oauth.Client, token: string) =>
  oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(server, client, oauth.None(), token, HTTP),
  );

describe('a strict client (oauth4webapi)', () => {
  it('discovers, registers, is allowed in, refreshes and revokes', async () => {
    const { client, tokens } = await connected();
    expect((await callMcp(app, tokens.access_token)).status).toBe(200);
    const next = await refresh(client, tokens.refresh_token!);
    expect((await callMcp(app, next.access_token)).status).toBe(200);
    const revoked = await oauth.revocationRequest(server, client, oauth.None(), next.refresh_token!, HTTP);
    await oauth.processRevocationResponse(revoked);
    expect((await callMcp(app, next.access_token)).status).toBe(401);
    await expect(refresh(client, next.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('is told when a refresh token was used twice, and the family ends', async () => {
    const { client, tokens } = await connected();
    const next = await refresh(client, tokens.refresh_token!);
    await app.service.app.get(PrismaService).$executeRaw`
      UPDATE oauth_artifacts SET consumed_at = consumed_at - interval '2 minutes' WHERE consumed_at IS NOT NULL`;
    await expect(refresh(client, tokens.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await callMcp(app, next.access_token)).status).toBe(401);
  });

  it('connects a device', async () => {
    const client = { client_id: 'tradecafe-mcp' };
    const parameters = new URLSearchParams({ scope: 'read:account', resource: `${app.config.publicUrl}/mcp` });
    const started = await oauth.processDeviceAuthorizationResponse(
      server,
      client,
      await oauth.deviceAuthorizationRequest(server, client, oauth.None(), parameters, HTTP),
    );
    const poll = async () =>
      oauth.processDeviceCodeResponse(
        server,
        client,
        await oauth.deviceCodeGrantRequest(server, client, oauth.None(), started.device_code, HTTP),
      );
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' });
    const browser = await new Browser(app).signIn();
    const code = await browser.form(started.verification_uri_complete!);
    expect(code.fields).toContainEqual(['csrf_token', expect.any(String)]);
    const csrf = code.fields.find(([name]) => name === 'csrf_token')!;
    const form = await browser.read(await browser.post('/oauth/device', [csrf, ['user_code', started.user_code]]));
    await browser.post(form.action, [...form.fields, ['decision', 'authorize']]);
    const tokens = await until(
      () => poll().catch((error: unknown) => error as Error),
      (outcome) => !(outcome instanceof Error),
      15_000,
    );
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'read:account' });
  });
});
