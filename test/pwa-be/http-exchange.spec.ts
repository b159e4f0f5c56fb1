import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { buildConnector, Dispatcher, Pool } from 'undici';
import { type Cancelled, Cancellation } from '../../src/pwa-be/cancellation.js';
import { exchange, type HttpRequest } from '../../src/pwa-be/http-exchange.js';
import { answers, FakeUpstream, until } from './support/fake-upstream.js';

const PUT: HttpRequest = { method: 'PUT', path: '/', headers: {}, body: '{}', timeoutMs: 100, maxBytes: 1_000 };

let upstream: FakeUpstream;

beforeEach(async () => {
  upstream = await new FakeUpstream().start();
  upstream.handler = answers({});
});

afterEach(() => upstream.stop());

it.each([
  ['timed out', false, 'timeout'],
  ['was cancelled', true, 'cancelled'],
])(
  'what %s before there was a connection is never sent over the one that comes later',
  async (_what, cancel, reason) => {
    let connect = (): void => undefined;
    let connected = false;
    const connector = buildConnector({});
    const pool = new Pool(new URL(upstream.endpoint().baseUrl).origin, {
      connect: (options, callback) => {
        connect = () =>
          connector(options, (...result) => {
            connected = true;
            callback(...result);
          });
      },
    });
    const cancelled = new Cancellation();
    if (cancel) setTimeout(() => cancelled.cancel(), 30);
    await expect(exchange(pool, { ...PUT, cancelled })).rejects.toMatchObject({ reason, sent: false });
    connect();
    await until(() => connected);
    await pool.close();
    expect(upstream.seen).toHaveLength(0);
  },
);

it('what a pool begins a second time is aborted', async () => {
  const [first, second] = [jest.fn(), jest.fn()];
  class Resending extends Dispatcher {
    override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      handler.onRequestStart?.({ abort: first } as never, {});
      handler.onRequestStart?.({ abort: second } as never, {});
      return true;
    }
  }
  await expect(exchange(new Resending(), PUT)).rejects.toMatchObject({ reason: 'timeout', sent: true });
  expect(second).toHaveBeenCalledTimes(1);
  expect(first).toHaveBeenCalledTimes(1); // By the timeout.
});

it('what was cancelled already is not given to the pool', async () => {
  const pool = new Pool(new URL(upstream.endpoint().baseUrl).origin);
  const cancelled = new Cancellation();
  cancelled.cancel();
  await expect(exchange(pool, { ...PUT, cancelled })).rejects.toMatchObject({ sent: false });
  await pool.close();
  expect(upstream.seen).toHaveLength(0);
});

it('leaves no listener behind', async () => {
  const removed = jest.fn();
  const cancelled: Cancelled = { cancelled: false, listen: () => removed };
  const pool = new Pool(new URL(upstream.endpoint().baseUrl).origin);
  await exchange(pool, { ...PUT, cancelled, timeoutMs: 10_000 });
  expect(removed).toHaveBeenCalledTimes(1);
  await pool.close();
});
