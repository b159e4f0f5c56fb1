import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { PwaBeClient } from '../../src/pwa-be/pwa-be.client.js';
import type { PwaBeEndpoint } from '../../src/pwa-be/pwa-be.endpoint.js';
import { makeAuthority, makeCertificate } from './support/certificates.js';
import { json, SECRET } from './support/fake-upstream.js';

const HOST = '127.0.0.1';
const authority = { ...makeAuthority('our authority'), name: 'our authority' };
const stranger = { ...makeAuthority('a stranger'), name: 'a stranger' };
const ours = makeCertificate('tradecafe-mcp-backend', authority);
const theirs = makeCertificate('tradecafe-mcp-backend', stranger);

let server: Server;
let clients: PwaBeClient[] = [];
let names: string[];

beforeAll(async () => {
  const own = makeCertificate('pwa-be', authority);
  server = createServer(
    { ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      names.push(String(subject.CN));
      json(response, { tier: 'pro' });
    },
  );
  server.on('tlsClientError', () => undefined); // What the refused clients leave behind.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  names = [];
});

afterEach(async () => {
  await Promise.all(clients.map((each) => each.onApplicationShutdown()));
  clients = [];
  names = [];
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function client(tls: PwaBeEndpoint['tls'], host: string): PwaBeClient {
  const baseUrl = `https://${host}:${(server.address() as AddressInfo).port}/api`;
  const made = new PwaBeClient({ baseUrl, jwtSecret: SECRET, jwtClaims: {}, timeoutMs: 10_000, tls });
  clients.push(made);
  return made;
}

it('works with our certificate and the right authority, for reads and writes', async () => {
  const call = client({ ...ours, ca: authority.cert }, HOST).forUser('usr_1');
  await expect(call.access()).resolves.toEqual({ tier: 'pro' });
  await expect(call.close('sig_1', 'key')).resolves.toEqual({ kind: 'accepted' });
  expect(names).toEqual(['tradecafe-mcp-backend', 'tradecafe-mcp-backend']);
});

it.each<[string, PwaBeEndpoint['tls'], string]>([
  ['no certificate', { cert: '', key: '', ca: authority.cert }, HOST],
  ["a stranger's certificate", { ...theirs, ca: authority.cert }, HOST],
  ['a server of another authority', { ...ours, ca: stranger.cert }, HOST],
  ["a server that only the system's authorities could vouch for", { ...ours }, HOST],
  ['a server under another name', { ...ours, ca: authority.cert }, 'localhost'],
])('does not with %s', async (_what, tls, host) => {
  const call = client(tls, host).forUser('usr_1');
  await expect(call.access()).rejects.toMatchObject({ code: 'upstream_unavailable' });
  expect(await call.close('sig_1', 'key')).not.toMatchObject({ kind: 'accepted' });
  expect(names).toEqual([]);
});

it('a server that cannot prove who it is gets no write', async () => {
  const call = client({ ...ours, ca: stranger.cert }, HOST).forUser('usr_1');
  await expect(call.close('sig_1', 'key')).resolves.toMatchObject({ kind: 'not_sent' });
});
