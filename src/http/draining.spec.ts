import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { closeIdleWhileDraining } from './draining.js';

describe('closeIdleWhileDraining', () => {
  let server: FastifyInstance;
  let answer: () => void;
  let asked: Promise<void>;

  beforeEach(async () => {
    server = fastify({ forceCloseConnections: 'idle', return503OnClosing: false });
    closeIdleWhileDraining(server);
    const answered = new Promise<void>((resolve) => (answer = resolve));
    asked = new Promise((resolve) => {
      server.get('/slow', async () => {
        resolve();
        await answered;
        return 'done';
      });
    });
    server.get('/', async () => 'ok');
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    answer();
    server.server.closeAllConnections();
    await server.close();
  });

  async function connection(): Promise<Socket> {
    const accepted = once(server.server, 'connection');
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
    await accepted;
    return socket;
  }

  async function request(path: string): Promise<Socket> {
    const socket = await connection();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    return socket;
  }

  it('waits for no connection that never sent anything', async () => {
    const socket = await connection();
    const closed = once(socket, 'close');
    await server.close();
    await closed;
  });

  it('serves what such a connection sends right after the listener closed', async () => {
    const socket = await connection();
    const closing = server.close();
    while (server.server.listening) await new Promise((resolve) => setImmediate(resolve));
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const [text] = (await once(socket, 'data')) as [string];
    expect(text).toMatch(/^HTTP\/1\.1 200 .*ok$/s);
    await closing;
  });

  it('waits for no connection between two requests', async () => {
    const socket = await request('/');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await server.close();
    await closed;
  });

  it('waits for an answer, and no longer', async () => {
    const socket = await request('/slow');
    await asked;
    let isClosed = false;
    const closing = server.close().then(() => (isClosed = true));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(isClosed).toBe(false);
    const text = once(socket, 'data');
    answer();
    expect(String(await text)).toContain('done');
    await closing;
  });
});
