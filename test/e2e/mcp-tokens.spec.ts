import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintSession } from '../../src/auth/session/session-token.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { mcpHeaders } from '../support/mcp.js';
import { until } from '../support/until.js';

let environment: Environment;
let app: TestApp;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

async function list(headers: Record<string, string>, at: TestApp = app, path = '/mcp') {
  const response = await fetch(`${at.url}${path}`, { method: 'POST', headers, body: LIST });
  const body = (await response.json()) as { error?: { data?: Record<string, unknown>; message: string } };
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body };
}

describe('bearer tokens at /mcp', () => {
  const challenge = () =>
    `resource_metadata="${app.config.publicUrl}/.well-known/oauth-protected-resource/mcp", ` +
    'scope="read:account read:signals read:positions read:billing read:pool read:referrals"';

  it('no token is 401 with where to get one and the six read scopes', async () => {
    const { authorization: _, ...headers } = mcpHeaders('');
    const answer = await list(headers);
    expect(answer).toMatchObject({ status: 401, challenge: `Bearer ${challenge()}` });
    expect(answer.body.error?.data).toMatchObject({ code: 'token_missing' });
  });

  it('the metadata that the challenge names is there', async () => {
    const response = await fetch(`${app.url}/.well-known/oauth-protected-resource/mcp`);
    expect(await response.json()).toMatchObject({
      resource: `${app.config.publicUrl}/mcp`,
      bearer_methods_supported: ['header'],
    });
  });

  it('mistyped, forged, unknown, a site session, and garbage are 401 with error="invalid_token"', async () => {
    const { token } = await mintToken(app);
    const typo = token.slice(0, 20) + (token[20] === 'a' ? 'b' : 'a') + token.slice(21);
    const session = await mintSession('usr_demo_8f3a91', environment.variables['SESSION_JWT_SECRET']!, 3600);
    for (const [presented, code] of [
      [typo, 'token_malformed'],
      [`${token}x`, 'token_malformed'],
      [session, 'token_malformed'],
      ['garbage', 'token_malformed'],
      ['tc_at_unknown', 'token_malformed'],
    ] as const) {
      const answer = await list(mcpHeaders(presented));
      expect(answer).toMatchObject({ status: 401, challenge: `Bearer error="invalid_token", ${challenge()}` });
      expect(answer.body.error?.data).toMatchObject({ code });
    }
  });

  it('a token in the query string or in the body is refused even beside a good header', async () => {
    const { token } = await mintToken(app);
    const inQuery = await list(mcpHeaders(token), app, `/mcp?access_token=${token}`);
    expect(inQuery).toMatchObject({ status: 401 });
    expect(inQuery.body.error?.data).toMatchObject({ code: 'token_in_query' });
    const response = await fetch(`${app.url}/mcp`, {
      method: 'POST',
      headers: mcpHeaders(token),
      body: JSON.stringify({ ...JSON.parse(LIST), access_token: token }),
    });
    expect(response.status).toBe(401);
  });

  it('an expired token says so and points at the settings page', async () => {
    const { id, token } = await mintToken(app);
    await app.service.app
      .get(PrismaService)
      .personalAccessToken.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1000) } });
    const answer = await list(mcpHeaders(token));
    expect(answer.status).toBe(401);
    expect(answer.body.error?.data).toMatchObject({
      code: 'token_expired',
      settings_url: `${app.config.publicUrl}/settings/tokens`,
    });
  });

  it('a revoked token is refused by every instance, warm caches and all; others live on', async () => {
    const second = await startApp(environment);
    try {
      const { id, token } = await mintToken(app);
      const kept = await mintToken(app);
      for (const instance of [app, second, app, second])
        expect((await list(mcpHeaders(token), instance)).status).toBe(200);
      const revoked = await (await sessionFetch(app))('DELETE', `/v1/tokens/${id}`);
      expect(revoked.status).toBe(204);
      // The instance that answered the DELETE refuses at once; the others as soon as the notification is there.
      expect((await list(mcpHeaders(token))).status).toBe(401);
      const answer = await until(
        () => list(mcpHeaders(token), second),
        ({ status }) => status !== 200,
        1_000,
      );
      expect(answer.status).toBe(401);
      expect(answer.body.error?.data).toMatchObject({ code: 'token_revoked' });
      expect((await list(mcpHeaders(kept.token), second)).status).toBe(200);
    } finally {
      await second.close();
    }
  });

  it('rotation gives a new secret and keeps the old one only for the grace', async () => {
    const { id, token } = await mintToken(app);
    const call = await sessionFetch(app);
    const graceful = (await (await call('POST', `/v1/tokens/${id}/rotate`, { grace_minutes: 5 })).json()) as {
      id: string;
      token: string;
    };
    expect(graceful.id).not.toBe(id);
    expect((await list(mcpHeaders(token))).status).toBe(200);
    expect((await list(mcpHeaders(graceful.token))).status).toBe(200);
    const hard = (await (await call('POST', `/v1/tokens/${graceful.id}/rotate`, {})).json()) as { token: string };
    expect((await list(mcpHeaders(graceful.token))).status).toBe(401);
    expect((await list(mcpHeaders(hard.token))).status).toBe(200);
  });

  it('a session that is too old hands out no token that trades, neither a new one nor a new secret', async () => {
    const writing = await mintToken(app);
    const strict = await startApp(environment, { WRITE_GRANT_MAX_SESSION_AGE: '0s' });
    try {
      const call = await sessionFetch(strict);
      const mint = (scopes: string[]) => call('POST', '/v1/tokens', { name: 'late', scopes });
      const refused = await mint(['read:positions', 'write:trades']);
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([403, 'session_too_old']);
      expect((await call('POST', `/v1/tokens/${writing.id}/rotate`, {})).status).toBe(403);
      expect((await list(mcpHeaders(writing.token))).status).toBe(200);
      expect((await mint(['read:positions'])).status).toBe(201);
    } finally {
      await strict.close();
    }
  });
});
