import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { PwaBeClient } from '../../src/pwa-be/pwa-be.client.js';
import { answers, FakeUpstream, json, SIGNAL, until } from './support/fake-upstream.js';

let upstream: FakeUpstream;
let client: PwaBeClient;
let waiting: ServerResponse[];

beforeEach(async () => {
  upstream = await new FakeUpstream().start();
  client = new PwaBeClient(upstream.endpoint());
  waiting = [];
  upstream.handler = (_request, response) => void waiting.push(response);
});

afterEach(async () => {
  await upstream.stop();
  await client.onApplicationShutdown();
});

it('identical reads of one user in flight are one request, and share no object', async () => {
  const first = client.forUser('usr_1').activeTrades();
  const second = client.forUser('usr_1').activeTrades();
  await until(() => waiting.length === 1);
  waiting.forEach((response) => json(response, [SIGNAL]));
  const [one, other] = await Promise.all([first, second]);
  expect(one).toEqual(other);
  expect(one).not.toBe(other);
  expect(one[0]).not.toBe(other[0]);
  expect(upstream.seen).toHaveLength(1);
});

it('nothing is kept: a read after the answer is a new request', async () => {
  upstream.handler = answers([]);
  await client.forUser('usr_1').activeTrades();
  await client.forUser('usr_1').activeTrades();
  expect(upstream.seen).toHaveLength(2);
});

it('other users, other paths, other queries are not the same', async () => {
  const page = { items: [], total: 0, page: 1, totalPages: 0 };
  const reads = [
    client.forUser('usr_1').tradeHistory({ page: 1, limit: 5 }),
    client.forUser('usr_1').tradeHistory({ page: 2, limit: 5 }),
    client.forUser('usr_1').signalHistory({ page: 1, limit: 5 }),
    client.forUser('usr_2').tradeHistory({ page: 1, limit: 5 }),
  ];
  await until(() => waiting.length === 4);
  waiting.forEach((response) => json(response, page));
  await Promise.all(reads);
});

it('a fresh read neither joins nor is joined', async () => {
  const reads = [
    client.forUser('usr_1').activeTrades(),
    client.forUser('usr_1').activeTrades({ fresh: true }),
    client.forUser('usr_1').activeTrades({ fresh: true }),
    client.forUser('usr_1').activeTrades(),
  ];
  await until(() => waiting.length === 3);
  waiting.forEach((response) => json(response, []));
  await Promise.all(reads);
  expect(upstream.seen).toHaveLength(3);
});

it('a failure reaches everybody who shared it', async () => {
  const reads = [client.forUser('usr_1').chart(), client.forUser('usr_1').chart()];
  const outcomes = Promise.allSettled(reads);
  await until(() => waiting.length === 1);
  waiting.forEach((response) => json(response, {}, 500));
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'upstream_unavailable' } });
  expect(upstream.seen).toHaveLength(1);
});

it("one caller's abort or deadline leaves the others their answer", async () => {
  const caller = new AbortController();
  const aborted = client.forUser('usr_1', { signal: caller.signal }).activeTrades();
  const late = client.forUser('usr_1', { deadlineMs: 50 }).activeTrades();
  const patient = client.forUser('usr_1').activeTrades();
  await until(() => waiting.length === 1);
  caller.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
  await expect(late).rejects.toMatchObject({ code: 'upstream_timeout' });
  expect(upstream.seen[0]?.socket.destroyed).toBe(false);
  waiting.forEach((response) => json(response, [SIGNAL]));
  await expect(patient).resolves.toHaveLength(1);
});

it('the request ends when the last one has left, and a newcomer does not join what has ended', async () => {
  const callers = [new AbortController(), new AbortController()];
  const reads = callers.map(({ signal }) => client.forUser('usr_1', { signal }).activeTrades());
  const outcomes = Promise.allSettled(reads);
  await until(() => waiting.length === 1);
  callers.forEach((caller) => caller.abort());
  const newcomer = client.forUser('usr_1').activeTrades();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'cancelled' } });
  await until(() => upstream.seen[0]?.socket.destroyed === true && waiting.length === 2);
  waiting.forEach((response) => json(response, []));
  await expect(newcomer).resolves.toEqual([]);
});
