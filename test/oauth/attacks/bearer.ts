import { expect } from '@jest/globals';
import { GrantService } from '../../../src/auth/oauth/grants/grant.service.js';
import { generatePat, parsePat } from '../../../src/auth/pat/pat-format.js';
import { PatService } from '../../../src/auth/pat/pat.service.js';
import { mintSession } from '../../../src/auth/session/session-token.js';
import { forge } from '../../auth/forge.js';
import { mintToken, sessionFetch, type TestApp } from '../../support/app.js';
import { until } from '../../support/until.js';
import { callMcp, connect, postForm, refresh } from '../support/flow.js';
import { type Attack, freshTokens, isLive } from './world.js';
import { person } from '../../support/person.js';

const DEMO = 'usr_demo_8f3a91';
const INITIALIZE = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
};

const statusAt = async (app: TestApp, path: string, token: string): Promise<number> =>
  (await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;

const dead = (app: TestApp, token: string): Promise<boolean> =>
  until(
    async () => !(await isLive(app, token)),
    (gone) => gone,
    10_000,
  );

export const BEARER: readonly Attack[] = [
  {
    no: 20,
    what: 'a write with a token that may only read',
    gets: '403 insufficient_scope with the scopes to ask for',
    test: async ({ app }) => {
      const { access } = await freshTokens(app);
      const params = { name: 'close_position', arguments: { position_id: 'x' } };
      const answer = await callMcp(app, access, { method: 'tools/call', params });
      expect(answer.status).toBe(403);
      expect(answer.challenge).toBe(
        `Bearer error="insufficient_scope", resource_metadata="${app.config.publicUrl}/.well-known/oauth-protected-resource/mcp", scope="read:account write:trades"`,
      );
      const rest = await freshTokens(app, { resource: `${app.config.publicUrl}/v1` });
      const refused = await fetch(`${app.url}/v1/positions/close`, {
        method: 'POST',
        headers: { authorization: `Bearer ${rest.access}`, 'content-type': 'application/json' },
        body: JSON.stringify({ position_id: 'x', action_token: 'x' }),
      });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toBe(
        `Bearer error="insufficient_scope", resource_metadata="${app.config.publicUrl}/.well-known/oauth-protected-resource/v1", scope="read:account write:trades"`,
      );
    },
  },
  {
    no: 22,
    what: "one resource's token at another one",
    gets: '401 token_wrong_resource',
    test: async ({ app }) => {
      const paths = { mcp: undefined, v1: '/v1/account/summary', api: '/api/user/me' } as const;
      for (const resource of ['mcp', 'v1', 'api'] as const) {
        const { access } = await freshTokens(app, { resource: `${app.config.publicUrl}/${resource}` });
        for (const [place, path] of Object.entries(paths)) {
          const status = path === undefined ? (await callMcp(app, access)).status : await statusAt(app, path, access);
          expect({ resource, place, status }).toEqual({ resource, place, status: place === resource ? 200 : 401 });
        }
      }
    },
  },
  {
    no: 24,
    what: 'a token in the address or the body',
    gets: '401',
    test: async ({ app }) => {
      const { access } = await freshTokens(app);
      const send = async (path: string, body: object) =>
        (
          await fetch(`${app.url}${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
            body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', ...body }),
          })
        ).status;
      expect(await send(`/mcp?access_token=${access}`, {})).toBe(401);
      expect(await send('/mcp', { access_token: access })).toBe(401);
      expect((await fetch(`${app.url}/v1/account/summary?access_token=${access}`)).status).toBe(401);
    },
  },
  {
    no: 26,
    what: "the site's session as a bearer at /mcp and /v1",
    gets: '401; at /api it is taken, as clients in the field send it',
    test: async ({ app, environment }) => {
      const session = await mintSession(DEMO, environment.variables['SESSION_JWT_SECRET']!, 600);
      expect((await callMcp(app, session)).status).toBe(401);
      expect(await statusAt(app, '/v1/account/summary', session)).toBe(401);
      expect(await statusAt(app, '/api/user/me', session)).toBe(200);
    },
  },
  {
    no: 46,
    what: 'a revoked refresh token whose access tokens are in the caches of every instance',
    gets: 'dead everywhere within moments, also while notifications are lost',
    test: async ({ app, second, sql }) => {
      const tokens = await freshTokens(app);
      for (const instance of [app, second]) expect(await isLive(instance, tokens.access)).toBe(true);
      const fields = { token: tokens.refresh, client_id: tokens.clientId };
      expect((await postForm(app, '/oauth/revoke', fields)).status).toBe(200);
      expect(await isLive(app, tokens.access)).toBe(false);
      expect(await dead(second, tokens.access)).toBe(true);
      const others = await freshTokens(app);
      for (const instance of [app, second]) expect(await isLive(instance, others.access)).toBe(true);
      await sql.$executeRaw`UPDATE oauth_grants SET revoked_at = now() WHERE revoked_at IS NULL`;
      await sql.$executeRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                             WHERE datname = current_database() AND application_name = 'tradecafe-mcp listen'`;
      expect(await dead(second, others.access)).toBe(true);
    },
  },
  {
    no: 47,
    what: "another user's app by its id",
    gets: '404, and it lives on',
    test: async ({ app }) => {
      const tokens = await connect(app, { user: 'demo2' });
      const owner = await sessionFetch(app, 'demo2');
      const { apps } = (await (await owner('GET', '/v1/apps')).json()) as { apps: { id: string }[] };
      const other = await sessionFetch(app, 'demo');
      for (const { id } of apps) expect((await other('DELETE', `/v1/apps/${id}`)).status).toBe(404);
      expect((await other('DELETE', '/v1/apps/nonsense')).status).toBe(404);
      expect(await isLive(app, tokens.access)).toBe(true);
    },
  },
  {
    no: 50,
    what: 'a forged or mistyped personal access token; the list of tokens',
    gets: '401 (without argon2id, without the database: test/auth/token-verifier.spec.ts); never a secret',
    test: async ({ app }) => {
      const { id, token } = await mintToken(app);
      // The selector of nobody; that of somebody, with a secret of one's own.
      for (const forged of [generatePat().token, forge(token)]) {
        expect(parsePat(forged)).toBeDefined();
        expect(await isLive(app, forged)).toBe(false);
      }
      expect(await isLive(app, token)).toBe(true);
      expect(await isLive(app, `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`)).toBe(false);
      const call = await sessionFetch(app);
      expect(await (await call('GET', '/v1/tokens')).text()).not.toContain(token.slice(20));
      await call('DELETE', `/v1/tokens/${id}`);
      expect(await isLive(app, token)).toBe(false);
    },
  },
  {
    no: 51,
    what: 'tokens of a user who was disabled',
    gets: 'refused at once on all instances',
    test: async ({ app, second }) => {
      const tokens = await freshTokens(app);
      const { token } = await mintToken(app);
      for (const presented of [tokens.access, token]) expect(await isLive(second, presented)).toBe(true);
      await app.service.app.get(GrantService).revokeAll(person(DEMO));
      expect(await dead(second, tokens.access)).toBe(true);
      // The one's end must not be what the other one is noticed by.
      expect(await isLive(second, token)).toBe(true);
      await app.service.app.get(PatService).revokeAll(person(DEMO));
      expect(await dead(second, token)).toBe(true);
      expect(await refresh(second, tokens)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    },
  },
  {
    no: 53,
    what: "values for a client's shell in WWW-Authenticate and metadata",
    gets: 'constants and configuration, nothing of the request',
    test: async ({ app }) => {
      const nasty = '$(calc)"`;x';
      const headers = { authorization: `Bearer ${nasty}`, accept: 'application/json, text/event-stream' };
      const response = await fetch(`${app.url}/mcp?x=${encodeURIComponent(nasty)}`, { method: 'POST', headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).not.toContain('calc');
      const metadata = await fetch(`${app.url}/.well-known/oauth-authorization-server?x=${encodeURIComponent(nasty)}`);
      expect(await metadata.text()).not.toContain('calc');
    },
  },
  {
    no: 54,
    what: "user A's MCP session with user B's token",
    gets: '404',
    test: async ({ app }) => {
      const mine = await connect(app);
      const theirs = await connect(app, { user: 'demo2' });
      const opened = await fetch(`${app.url}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${mine.access}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...INITIALIZE }),
      });
      const session = opened.headers.get('mcp-session-id');
      expect(session).not.toBeNull();
      const taken = await fetch(`${app.url}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${theirs.access}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': session!,
          'mcp-protocol-version': '2025-11-25',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' }),
      });
      expect(taken.status).toBe(404);
    },
  },
];
