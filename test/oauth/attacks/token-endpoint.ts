import { expect } from '@jest/globals';
import { mintToken } from '../../support/app.js';
import { newVerifier, postForm, redeem, refresh, register, someAddress, tokensOf } from '../support/flow.js';
import { type Attack, freshCode, freshTokens, isLive } from './world.js';

const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };
const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));

export const TOKEN_ENDPOINT: readonly Attack[] = [
  {
    no: 4,
    what: 'code_verifier wrong or missing',
    gets: '400 invalid_grant',
    test: async ({ app }) => {
      const { code } = await freshCode(app);
      expect(await redeem(app, code, newVerifier())).toMatchObject(INVALID_GRANT);
      const missing = new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'tradecafe-mcp',
        code,
        redirect_uri: 'http://127.0.0.1:43210/callback',
      });
      expect(await postForm(app, '/oauth/token', missing)).toMatchObject(INVALID_GRANT);
    },
  },
  {
    no: 5,
    what: 'eight parallel redemptions of one code, over two instances',
    gets: 'one winner at most, its tokens revoked',
    test: async ({ app, second }) => {
      for (let round = 0; round < 3; round += 1) {
        const { code, verifier } = await freshCode(app);
        let turn = 0;
        const answers = await times(8, () => redeem((turn += 1) % 2 === 0 ? app : second, code, verifier));
        const winners = answers.filter(({ status }) => status === 200);
        expect(winners.length).toBeLessThanOrEqual(1);
        for (const winner of winners) {
          const tokens = tokensOf(winner);
          expect(await isLive(app, tokens.access)).toBe(false);
          expect(await refresh(app, tokens)).toMatchObject(INVALID_GRANT);
        }
      }
    },
  },
  {
    no: 6,
    what: 'a code used again later',
    gets: 'invalid_grant, and the first tokens are revoked',
    test: async ({ app }) => {
      const { code, verifier } = await freshCode(app);
      const tokens = tokensOf(await redeem(app, code, verifier));
      expect(await isLive(app, tokens.access)).toBe(true);
      expect(await redeem(app, code, verifier)).toMatchObject(INVALID_GRANT);
      expect(await isLive(app, tokens.access)).toBe(false);
      expect(await refresh(app, tokens)).toMatchObject(INVALID_GRANT);
    },
  },
  {
    no: 7,
    what: 'redirect_uri at the token endpoint differs by its port',
    gets: 'invalid_grant',
    test: async ({ app }) => {
      const { code, verifier } = await freshCode(app);
      const fields = { redirect_uri: 'http://127.0.0.1:43211/callback' };
      expect(await redeem(app, code, verifier, fields)).toMatchObject(INVALID_GRANT);
    },
  },
  {
    no: 8,
    what: "another client's code",
    gets: 'invalid_grant',
    test: async ({ app }) => {
      const { body } = await register(app);
      const { code, verifier } = await freshCode(app);
      expect(await redeem(app, code, verifier, { client_id: String(body['client_id']) })).toMatchObject(INVALID_GRANT);
    },
  },
  {
    no: 13,
    what: 'a refresh token after its rotation and grace',
    gets: 'invalid_grant, the whole family dead, access tokens too',
    test: async ({ app, sql }) => {
      const first = await freshTokens(app);
      const second = tokensOf(await refresh(app, first));
      await sql.$executeRaw`UPDATE oauth_artifacts SET consumed_at = consumed_at - interval '61 seconds'
                             WHERE model = 'RefreshToken' AND consumed_at IS NOT NULL`;
      expect(await refresh(app, first)).toMatchObject(INVALID_GRANT);
      expect(await refresh(app, second)).toMatchObject(INVALID_GRANT);
      for (const { access } of [first, second]) expect(await isLive(app, access)).toBe(false);
    },
  },
  {
    no: 14,
    what: 'six parallel refreshes',
    gets: 'without grace one winner and no live token afterwards; with it live tokens for all',
    test: async ({ app, strict }) => {
      for (let round = 0; round < 3; round += 1) {
        const tokens = await freshTokens(strict);
        const answers = await times(6, () => refresh(strict, tokens));
        const winners = answers.filter(({ status }) => status === 200);
        expect(winners).toHaveLength(1);
        expect(await isLive(strict, tokensOf(winners[0]!).access)).toBe(false);
        expect(await isLive(strict, tokens.access)).toBe(false);
      }
      const tokens = await freshTokens(app);
      for (const answer of await times(6, () => refresh(app, tokens))) {
        expect(await isLive(app, tokensOf(answer).access)).toBe(true);
      }
    },
  },
  {
    no: 15,
    what: 'a rotated refresh token within the grace, by another client',
    gets: 'invalid_grant, no tokens',
    test: async ({ app }) => {
      const { body } = await register(app);
      const tokens = await freshTokens(app);
      await refresh(app, tokens);
      const answer = await refresh(app, { ...tokens, clientId: String(body['client_id']) });
      expect(answer).toMatchObject(INVALID_GRANT);
      expect(answer.body).not.toHaveProperty('access_token');
    },
  },
  {
    no: 16,
    what: 'a refresh that fails for its resource or scope',
    gets: 'the error, and the refresh token still works',
    test: async ({ strict }) => {
      const tokens = await freshTokens(strict);
      const elsewhere = await refresh(strict, tokens, { resource: `${strict.config.publicUrl}/api` });
      expect(elsewhere).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
      const unknown = await refresh(strict, tokens, { resource: 'https://evil.example' });
      expect(unknown).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
      const wider = await refresh(strict, tokens, { scope: 'read:account read:pool' });
      expect(wider).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
      expect(await isLive(strict, tokensOf(await refresh(strict, tokens)).access)).toBe(true);
    },
  },
  {
    no: 17,
    what: "another client's refresh token",
    gets: "invalid_grant, and the owner's family goes on",
    test: async ({ app }) => {
      const { body } = await register(app);
      const tokens = await freshTokens(app);
      expect(await refresh(app, { ...tokens, clientId: String(body['client_id']) })).toMatchObject(INVALID_GRANT);
      expect(await isLive(app, tokens.access)).toBe(true);
      expect((await refresh(app, tokens)).status).toBe(200);
    },
  },
  {
    no: 18,
    what: 'a refresh for more scopes',
    gets: 'invalid_scope',
    test: async ({ app }) => {
      const answer = await refresh(app, await freshTokens(app), { scope: 'read:account write:trades' });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    },
  },
  {
    no: 27,
    what: 'password, client_credentials, implicit',
    gets: 'unsupported_grant_type',
    test: async ({ app }) => {
      for (const type of [
        'password',
        'client_credentials',
        'implicit',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
      ]) {
        const fields = { grant_type: type, client_id: 'tradecafe-mcp', username: 'u', password: 'p' };
        const answer = await postForm(app, '/oauth/token', fields);
        expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
      }
    },
  },
  {
    no: 28,
    what: 'duplicate parameters, no client_id, JSON, 100 kB, GET',
    gets: '4xx',
    test: async ({ app }) => {
      const { code, verifier } = await freshCode(app);
      const twice = new URLSearchParams([
        ['grant_type', 'authorization_code'],
        ['client_id', 'tradecafe-mcp'],
        ['code', code],
        ['code', code],
        ['redirect_uri', 'http://127.0.0.1:43210/callback'],
        ['code_verifier', verifier],
      ]);
      // Not postForm: it would make the two one.
      const send = async (init: RequestInit) =>
        (
          await fetch(`${app.url}/oauth/token`, {
            ...init,
            headers: { 'x-forwarded-for': someAddress(), ...init.headers },
          })
        ).status;
      expect(await send({ method: 'POST', body: twice })).toBe(400);
      twice.delete('code');
      twice.delete('client_id');
      twice.set('code', code);
      expect(await send({ method: 'POST', body: twice })).toBe(400);
      const json = { 'content-type': 'application/json' };
      expect(await send({ method: 'POST', body: '{"grant_type":"refresh_token"}', headers: json })).toBe(415);
      expect(await send({ method: 'POST', body: new URLSearchParams({ code: 'x'.repeat(100_000) }) })).toBe(413);
      expect(await send({ method: 'POST' })).toBe(415);
      expect(await send({ method: 'GET' })).toBe(405);
    },
  },
  {
    no: 29,
    what: 'tokens in caches',
    gets: 'Cache-Control: no-store on every answer with a token',
    test: async ({ app }) => {
      const { code, verifier } = await freshCode(app);
      const first = await redeem(app, code, verifier);
      expect(first.headers.get('cache-control')).toBe('no-store');
      expect((await refresh(app, tokensOf(first))).headers.get('cache-control')).toBe('no-store');
    },
  },
  {
    no: 23,
    what: 'a token in the place of another sort',
    gets: 'RT as bearer 401; AT as RT and PAT at the token endpoint invalid_grant',
    test: async ({ app }) => {
      const tokens = await freshTokens(app);
      expect(await isLive(app, tokens.refresh)).toBe(false);
      expect(await refresh(app, { ...tokens, refresh: tokens.access })).toMatchObject(INVALID_GRANT);
      const { token } = await mintToken(app);
      expect(await refresh(app, { ...tokens, refresh: token })).toMatchObject(INVALID_GRANT);
    },
  },
  {
    no: 45,
    what: "revoking another client's token, or one that does not exist",
    gets: '200 without effect',
    test: async ({ app }) => {
      const tokens = await freshTokens(app);
      const { body } = await register(app);
      const revoke = (token: string, client: string) => postForm(app, '/oauth/revoke', { token, client_id: client });
      for (const token of [tokens.refresh, tokens.access]) {
        expect((await revoke(token, String(body['client_id']))).status).toBe(200);
      }
      expect((await revoke('tc_rt_nonsense', 'tradecafe-mcp')).status).toBe(200);
      expect(await isLive(app, tokens.access)).toBe(true);
      expect((await refresh(app, tokens)).status).toBe(200);
    },
  },
];
