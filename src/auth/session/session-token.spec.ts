import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { mintSession, sessionVerifier } from './session-token.js';

const SECRET = 'secret-of-the-site-session-0123456789ab';
const UPSTREAM_SECRET = 'secret-of-the-upstream-token-0123456789';
const now = (): number => Math.floor(Date.now() / 1000);

function withSecret(jwksUrl?: string) {
  return sessionVerifier({
    session: { cookie: 'auth', jwksUrl, loginUrl: '/login' },
    secrets: { tokenPepper: 'p', pwaBeJwtSecret: UPSTREAM_SECRET, sessionJwtSecret: SECRET, auditSigningKey: '' },
  });
}

function sign(
  claims: JWTPayload,
  { alg = 'HS256', key = SECRET, kid = 'k1' }: { alg?: string; key?: string | CryptoKey; kid?: string } = {},
): Promise<string> {
  const material = typeof key === 'string' ? new TextEncoder().encode(key) : key;
  return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(material);
}

function unsigned(claims: JWTPayload, alg: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg })}.${part(claims)}.`;
}

const claims = (): JWTPayload => ({ sub: 'usr_1', iat: now() - 10, exp: now() + 60 });

describe('the session token under a shared secret', () => {
  const verify = withSecret();

  it('tells the user and the times', async () => {
    const { iat, exp } = { iat: now() - 10, exp: now() + 60 };
    expect(await verify(await sign({ sub: 'usr_1', iat, exp }))).toEqual({
      userId: 'usr_1',
      issuedAt: new Date(iat * 1000),
      expiresAt: new Date(exp * 1000),
    });
  });

  it('is what mintSession makes', async () => {
    expect((await verify(await mintSession('usr_demo_8f3a91', SECRET, 60))).userId).toBe('usr_demo_8f3a91');
  });

  it.each(['userId', 'id'])("takes the older tokens' %s", async (name) => {
    expect((await verify(await sign({ [name]: 'usr_2', iat: now(), exp: now() + 60 }))).userId).toBe('usr_2');
  });

  it.each<[string, () => Promise<string> | string]>([
    ['garbage', () => 'garbage'],
    ['nothing', () => ''],
    ['another key', () => sign(claims(), { key: UPSTREAM_SECRET })],
    ['alg none', () => unsigned(claims(), 'none')],
    ['alg nOnE', () => unsigned(claims(), 'nOnE')],
    ['another algorithm with the same key', () => sign(claims(), { alg: 'HS384' })],
    ['no expiry', () => sign({ sub: 'usr_1', iat: now() })],
    ['no time of issue', () => sign({ sub: 'usr_1', exp: now() + 60 })],
    ['an expiry that has passed', () => sign({ sub: 'usr_1', iat: now() - 60, exp: now() - 1 })],
    ['a time of issue in the future', () => sign({ sub: 'usr_1', iat: now() + 120, exp: now() + 600 })],
    ['a start in the future', () => sign({ ...claims(), nbf: now() + 120 })],
    ['no user', () => sign({ iat: now(), exp: now() + 60 })],
    ['a user that is a number', () => sign({ userId: 7, iat: now(), exp: now() + 60 })],
    ['a user id that is a path', () => sign({ ...claims(), sub: '../admin' })],
    ['a user id that is too long', () => sign({ ...claims(), sub: 'x'.repeat(65) })],
    ['an empty user id', () => sign({ ...claims(), sub: '' })],
  ])('is refused with %s', async (_, token) => {
    await expect(verify(await token())).rejects.toMatchObject({ code: 'session_required' });
  });

  it('allows clocks to differ by a minute', async () => {
    await expect(verify(await sign({ ...claims(), iat: now() + 30 }))).resolves.toMatchObject({ userId: 'usr_1' });
  });
});

describe('the session token under a key set', () => {
  let server: Server;
  let url: string;
  let privateKey: CryptoKey;
  let publicPem: string;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    privateKey = pair.privateKey;
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' };
    publicPem = JSON.stringify(jwk);
    server = createServer((request, response) => {
      if (request.url === '/broken') response.writeHead(500).end();
      else response.end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('passes with the key of the set', async () => {
    const token = await sign(claims(), { alg: 'RS256', key: privateKey });
    await expect(withSecret(`${url}/keys`)(token)).resolves.toMatchObject({ userId: 'usr_1' });
  });

  it.each<[string, () => Promise<string> | string]>([
    ['HS256 over the public key', () => sign(claims(), { key: publicPem })],
    ['HS256 over the shared secret', () => sign(claims())],
    ['alg none', () => unsigned(claims(), 'none')],
    ['another key', async () => sign(claims(), { alg: 'RS256', key: (await generateKeyPair('RS256')).privateKey })],
    ['a key that is not in the set', () => sign(claims(), { alg: 'RS256', key: privateKey, kid: 'k2' })],
  ])('is refused with %s', async (_, token) => {
    await expect(withSecret(`${url}/keys`)(await token())).rejects.toMatchObject({ code: 'session_required' });
  });

  it.each(['/broken', ':1/refused'])('is not called invalid when the set cannot be fetched (%s)', async (path) => {
    const away = path.startsWith(':') ? 'http://127.0.0.1:1/keys' : `${url}${path}`;
    const token = await sign(claims(), { alg: 'RS256', key: privateKey });
    await expect(withSecret(away)(token)).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });
});
