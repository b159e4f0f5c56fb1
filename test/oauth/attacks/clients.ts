import { expect, jest } from '@jest/globals';
import { ClientMetadataFetch } from '../../../src/auth/oauth/clients/client-metadata.fetch.js';
import { isPublicAddress } from '../../../src/auth/oauth/clients/public-address.js';
import { OauthCleanup } from '../../../src/auth/oauth/cleanup.js';
import { ArtifactStore } from '../../../src/auth/oauth/storage/artifact.store.js';
import { makeAuthority, makeCertificate } from '../../pwa-be/support/certificates.js';
import { MetadataServer } from '../support/metadata-server.js';
import { authorizeUrl, newVerifier, redeem, REDIRECT, refresh, register } from '../support/flow.js';
import { ask, type Attack, expectPage, freshCode, freshTokens, signedIn, type World } from './world.js';

const HOST = 'client.example';
const CLIENT_ID = `https://${HOST}/client.json`;

/** Answers what the service would fetch, without any network. */
function metadata({ app }: World, document: unknown) {
  const fetch = jest.spyOn(app.service.app.get(ClientMetadataFetch), 'fetch');
  return fetch.mockImplementation(() => Promise.resolve(new Response(JSON.stringify(document))));
}

let clients = 0;
/** A client id that no cache knows. */
function someClientId(): string {
  clients += 1;
  return `https://${HOST}/${clients}/client.json`;
}

const bodies = {
  javascript: { redirect_uris: ['javascript:alert(1)'] },
  data: { redirect_uris: ['data:text/html,x'] },
  vbscript: { redirect_uris: ['vbscript:msgbox(1)'] },
  file: { redirect_uris: ['file:///etc/passwd'] },
  mail: { redirect_uris: ['mailto:somebody@evil.example'] },
  socket: { redirect_uris: ['wss://evil.example/callback'] },
  plain: { redirect_uris: ['http://evil.example/callback'] },
  fragment: { redirect_uris: [`${REDIRECT}#x`] },
  userinfo: { redirect_uris: ['https://user@app.example/callback'] },
  none: { redirect_uris: [] },
  many: { redirect_uris: Array.from({ length: 50 }, (_, index) => `https://app.example/${index}`) },
  text: { redirect_uris: REDIRECT },
  numbers: { redirect_uris: [1] },
  long: { redirect_uris: [`https://app.example/${'x'.repeat(600)}`] },
};

export const CLIENTS: readonly Attack[] = [
  {
    no: 37,
    what: 'registration with redirect addresses that are dangerous, none, 50, an array, 10 kB',
    gets: '400, 413',
    test: async ({ app }) => {
      for (const body of Object.values(bodies)) {
        expect(await register(app, body)).toMatchObject({ status: 400, body: { error: 'invalid_redirect_uri' } });
      }
      const send = async (body: string) =>
        (
          await fetch(`${app.url}/oauth/register`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body,
          })
        ).status;
      expect(await send('[]')).toBe(400);
      expect(await send('nonsense')).toBe(400);
      expect(await send('null')).toBe(400);
      expect(await send(JSON.stringify({ redirect_uris: [REDIRECT], client_name: 'x'.repeat(10_000) }))).toBe(413);
    },
  },
  {
    no: 38,
    what: 'registration that sets what is ours to set',
    gets: 'ignored: a public client with an id of our own',
    test: async ({ app }) => {
      const { status, body } = await register(app, {
        client_id: 'tradecafe-mcp',
        client_secret: 'mine',
        scope: 'admin',
        jwks_uri: 'https://evil.example/jwks',
        grant_types: ['client_credentials', 'password', 'authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
        application_type: 'web',
      });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
      });
      expect(String(body['client_id'])).toMatch(/^tc_client_/);
      for (const name of ['client_secret', 'scope', 'jwks_uri']) expect(body[name]).toBeUndefined();
    },
  },
  {
    no: 40,
    what: 'registration flood; registrations that lead nowhere',
    gets: '429 for the address (a /64 of IPv6); purged',
    test: async (world) => {
      const { app, sql } = world;
      const from = async (address: string) =>
        (
          await fetch(`${app.url}/oauth/register`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
            body: JSON.stringify({ redirect_uris: [REDIRECT] }),
          })
        ).status;
      const statuses: number[] = [];
      for (let turn = 0; turn < 61; turn += 1) statuses.push(await from(`2001:db8:1:2::${turn.toString(16)}`));
      expect(statuses.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 201));
      expect(statuses[60]).toBe(429);
      expect(await from('2001:db8:1:3::1')).toBe(201);
      const clientId = String((await register(app)).body['client_id']);
      const used = String((await register(app)).body['client_id']);
      await freshTokens(app, { clientId: used });
      await sql.$executeRaw`UPDATE oauth_artifacts SET created_at = now() - interval '2 days' WHERE model = 'Client'`;
      expect(await app.service.app.get(OauthCleanup).sweep()).toBeGreaterThan(60);
      await expectPage(await ask(app, { clientId }));
      expect((await ask(app, { clientId: used })).status).toBe(303);
    },
  },
  {
    no: 41,
    what: 'a metadata document as a way into our network: private addresses, a second DNS answer, redirects, size, slowness',
    gets: 'invalid_client, and no request leaves',
    test: async ({ app }) => {
      for (const host of [
        '127.0.0.1',
        '169.254.169.254',
        '10.0.0.1',
        '[::1]',
        'localhost',
        '2130706433',
        '127.0.0.1:8443',
      ]) {
        const text = await expectPage(await ask(app, { clientId: `https://${host}/client.json` }));
        expect(text).toContain('invalid_client');
      }
      const authority = { name: 'ca', ...makeAuthority('ca') };
      const server = await MetadataServer.start(makeCertificate('server', authority, HOST));
      try {
        const fetcher = new ClientMetadataFetch();
        const resolve = jest.fn(() => Promise.resolve([{ address: '127.0.0.1', family: 4 }]));
        const reach = { resolve, allows: () => true, ca: authority.cert, port: server.port };
        expect(await (await fetcher.fetch(CLIENT_ID, reach)).json()).toEqual({ path: '/client.json' });
        // The address was asked for once and connected to as it was: nobody can give another answer later.
        expect(resolve).toHaveBeenCalledTimes(1);
        expect((await fetcher.fetch(`https://${HOST}/redirect`, reach)).status).toBe(302);
        await expect(fetcher.fetch(`https://${HOST}/large`, reach)).rejects.toThrow('too large');
        await expect(fetcher.fetch(`https://${HOST}/slow`, reach)).rejects.toThrow(/abort/i);
        // Nothing of what follows may even connect: neither to an address that is no public name, nor to a name that
        // leads inside, with all of its addresses or one of them.
        const before = server.connections;
        for (const host of ['127.0.0.1', '[::1]', 'localhost', '2130706433', '0x7f000001', `${HOST}:${server.port}`]) {
          await expect(fetcher.fetch(`https://${host}/client.json`, reach)).rejects.toThrow('a public name');
        }
        await expect(fetcher.fetch(`http://${HOST}/client.json`, reach)).rejects.toThrow('https');
        const guarded = { ...reach, allows: isPublicAddress };
        await expect(fetcher.fetch(CLIENT_ID, guarded)).rejects.toThrow('public addresses');
        const mixed = [
          { address: '127.0.0.1', family: 4 },
          { address: '8.8.8.8', family: 4 },
        ];
        for (const addresses of [mixed, mixed.toReversed()]) {
          guarded.resolve.mockResolvedValueOnce(addresses);
          await expect(fetcher.fetch(CLIENT_ID, guarded)).rejects.toThrow('public addresses');
        }
        expect(server.connections).toBe(before);
        expect(server.paths).not.toContain('/elsewhere');
      } finally {
        await server.stop();
      }
    },
  },
  {
    no: 42,
    what: 'a metadata document that is for another client, or holds a secret; a client id with userinfo, dots or http',
    gets: 'invalid_client, invalid_client_metadata',
    test: async (world) => {
      const good = { client_name: 'App', redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none' };
      for (const document of [
        { ...good, client_id: 'https://other.example/client.json' },
        { ...good, client_id: CLIENT_ID, client_secret: 'x' },
        { ...good, client_id: CLIENT_ID, token_endpoint_auth_method: 'client_secret_post' },
        { ...good, client_id: CLIENT_ID, redirect_uris: ['http://evil.example/callback'] },
        [],
      ]) {
        const fetch = metadata(world, document);
        expect(await expectPage(await ask(world.app, { clientId: CLIENT_ID }))).toMatch(
          /invalid_client|invalid_redirect/,
        );
        fetch.mockRestore();
      }
      const fetch = metadata(world, good);
      for (const clientId of [
        `https://user@${HOST}/client.json`,
        `https://${HOST}/a/../client.json`,
        `https://${HOST}/%2e%2e/client.json`,
        `http://${HOST}/client.json`,
        `https://${HOST}/client.json#x`,
      ]) {
        expect(await expectPage(await ask(world.app, { clientId }))).toContain('invalid_client');
      }
      expect(fetch).not.toHaveBeenCalled();
      fetch.mockRestore();
    },
  },
  {
    no: 43,
    what: "a client's logo",
    gets: 'never fetched, never shown',
    test: async (world) => {
      const clientId = someClientId();
      const logo = 'https://tracker.example/logo.png';
      const fetch = metadata(world, {
        client_id: clientId,
        client_name: 'App',
        redirect_uris: [REDIRECT],
        logo_uri: logo,
      });
      try {
        const page = await (await signedIn(world.app)).form(authorizeUrl(world.app, newVerifier(), { clientId }));
        expect(page.text).toContain(HOST);
        expect(page.text).not.toContain('tracker.example');
        expect(fetch.mock.calls.map(([address]) => address)).toEqual([clientId]);
      } finally {
        fetch.mockRestore();
      }
      const { body } = await register(world.app, { logo_uri: logo });
      expect(body['logo_uri']).toBeUndefined();
    },
  },
  {
    no: 55,
    what: 'the grant of a client that was deleted, or whose redirect addresses shrank',
    gets: 'refused',
    test: async ({ app }) => {
      const store = app.service.app.get(ArtifactStore);
      const clientId = String((await register(app)).body['client_id']);
      const tokens = await freshTokens(app, { clientId });
      const { code, verifier } = await freshCode(app, { clientId });
      const { payload } = (await store.find('Client', clientId))!;
      await store.save('Client', clientId, { ...payload, redirect_uris: ['http://127.0.0.1/other'] }, undefined);
      const shrunk = await redeem(app, code, verifier, { client_id: clientId });
      expect(shrunk).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      await expectPage(await ask(app, { clientId }));
      await store.remove('Client', clientId);
      expect(await refresh(app, tokens)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    },
  },
];
