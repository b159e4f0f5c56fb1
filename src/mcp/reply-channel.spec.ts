import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { ReplyChannel } from './reply-channel.js';

const KEEP_ALIVE_MS = 15_000;
const REAL = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setTimeout',
  'clearTimeout',
] as const satisfies string[];

describe('ReplyChannel', () => {
  let server: FastifyInstance;
  let opened: Promise<ReplyChannel>;
  let left: jest.Mock;

  beforeEach(async () => {
    // Intervals alone: sockets need the rest.
    jest.useFakeTimers({ doNotFake: [...REAL] });
    left = jest.fn();
    server = fastify({ forceCloseConnections: true });
    opened = new Promise((resolve) => {
      server.post('/', (_request, reply) => resolve(new ReplyChannel(reply, left)));
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    await server.close();
    jest.useRealTimers();
  });

  async function post(): Promise<{ socket: Socket; channel: ReplyChannel }> {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    return { socket, channel: await opened };
  }

  async function text(socket: Socket, wanted: RegExp): Promise<string> {
    let read = '';
    while (!wanted.test(read)) read += String((await once(socket, 'data'))[0]);
    return read;
  }

  it('says now and then that a silent stream is alive, until its end', async () => {
    const { socket, channel } = await post();
    channel.notify({ method: 'a' });
    expect(await text(socket, /"a"/)).toMatch(/content-type: text\/event-stream.*x-accel-buffering: no/is);
    for (let i = 0; i < 2; i++) {
      jest.advanceTimersByTime(KEEP_ALIVE_MS);
      expect(await text(socket, /\n\n/)).toMatch(/^[\da-f]+\r\n: keep-alive\n\n\r\n$/);
    }
    channel.finish({ result: {} });
    expect(jest.getTimerCount()).toBe(0);
    expect(await text(socket, /0\r\n\r\n$/)).toContain('data: {"result":{}}');
  });

  it('has no timer for an answer that is no stream, nor for a client that has gone', async () => {
    const { socket, channel } = await post();
    expect(jest.getTimerCount()).toBe(0);
    channel.notify({});
    expect(jest.getTimerCount()).toBe(1);
    const gone = new Promise<void>((resolve) => left.mockImplementation(() => resolve()));
    socket.destroy();
    await gone;
    expect(jest.getTimerCount()).toBe(0);
    channel.notify({});
    channel.finish({});
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('cuts off a client that does not read, before it costs much memory', async () => {
    const { socket, channel } = await post();
    socket.pause();
    const message = { text: 'x'.repeat(10_000) };
    let sent = 0;
    // What the kernel buffers for both sides counts, too: some megabytes.
    while (left.mock.calls.length === 0 && sent < 5_000) {
      channel.notify(message);
      sent += 1;
      if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(left).toHaveBeenCalledTimes(1);
    expect(sent).toBeLessThan(5_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('sends one large message to a client that reads', async () => {
    const { socket, channel } = await post();
    channel.notify({ text: 'x'.repeat(2_000_000) });
    channel.finish({ result: 'whole' });
    expect(await text(socket, /0\r\n\r\n$/)).toContain('"whole"');
    expect(left).not.toHaveBeenCalled();
  });
});
