import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { AppError } from '../../src/errors/app-error.js';
import { PwaBeClient } from '../../src/pwa-be/pwa-be.client.js';
import { answers, FakeUpstream, hangs, json, resets, until } from './support/fake-upstream.js';

let upstream: FakeUpstream;
let client: PwaBeClient;

beforeEach(async () => {
  upstream = await new FakeUpstream().start();
  client = new PwaBeClient(upstream.endpoint());
});

afterEach(async () => {
  jest.restoreAllMocks();
  await upstream.stop();
  await client.onApplicationShutdown();
});

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

/** Ten transport failures in a row, of several users. */
async function open(): Promise<void> {
  upstream.handler = resets;
  await Promise.all(Array.from({ length: 5 }, (_, index) => code(client.forUser(`usr_${index}`).access())));
}

/** Lets the breaker believe that its rest is over. */
function later(): void {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 6_000);
}

it('opens after ten broken connections in a row: reads fail fast, with a Retry-After, without a request', async () => {
  await open();
  const before = upstream.seen.length;
  upstream.handler = answers([]);
  const error = await client
    .forUser('usr_9')
    .exchanges()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'upstream_unavailable', retryAfterSeconds: 5 });
  expect(upstream.seen).toHaveLength(before);
});

it('writes go past it', async () => {
  await open();
  upstream.handler = answers({});
  await expect(client.forUser('usr_1').close('sig_1', 'key')).resolves.toEqual({ kind: 'accepted' });
});

it('closes with the first answer after its rest, whatever the status', async () => {
  await open();
  later();
  upstream.handler = answers({}, 404);
  expect(await code(client.forUser('usr_1').exchanges())).toBe('upstream_not_found');
  upstream.handler = answers([]);
  expect(await code(client.forUser('usr_1').exchanges())).toBe('ok');
});

it('lets one probe out, the others fail fast meanwhile', async () => {
  await open();
  later();
  const before = upstream.seen.length;
  let answer = (): void => undefined;
  upstream.handler = (_request, response) => {
    answer = () => json(response, []);
  };
  const probe = code(client.forUser('usr_1').exchanges());
  await until(() => upstream.seen.length === before + 1);
  expect(await code(client.forUser('usr_2').exchanges())).toBe('upstream_unavailable');
  answer();
  expect(await probe).toBe('ok');
  expect(upstream.seen).toHaveLength(before + 1);
});

it('opens again when the probe fails, or when its caller left before an answer', async () => {
  await open();
  later();
  expect(await code(client.forUser('usr_1').exchanges())).toBe('upstream_unavailable');
  const caller = new AbortController();
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 12_000);
  upstream.handler = hangs;
  const before = upstream.seen.length;
  const probe = code(client.forUser('usr_1', { signal: caller.signal }).exchanges());
  await until(() => upstream.seen.length === before + 1);
  caller.abort();
  expect(await probe).toBe('cancelled');
  upstream.handler = answers([]);
  expect(await code(client.forUser('usr_2').exchanges())).toBe('upstream_unavailable');
});

it('opens after timeouts, too', async () => {
  await client.onApplicationShutdown();
  client = new PwaBeClient(upstream.endpoint({ timeoutMs: 200 }));
  upstream.handler = hangs;
  await Promise.all(Array.from({ length: 10 }, (_, index) => code(client.forUser(`usr_${index}`).access())));
  const before = upstream.seen.length;
  expect(await code(client.forUser('usr_1').access())).toBe('upstream_unavailable');
  expect(upstream.seen).toHaveLength(before);
});

it.each([500, 400, 404, 429, 501])("one user's %is do not open it", async (status) => {
  upstream.handler = answers({}, status);
  for (let i = 0; i < 25; i++) await code(client.forUser('usr_1').access());
  upstream.handler = answers([]);
  expect(await code(client.forUser('usr_2').exchanges())).toBe('ok');
});

it('neither do callers who leave, answers of an unknown shape or size, nor writes that break', async () => {
  upstream.handler = hangs;
  for (let i = 0; i < 12; i++) {
    await code(client.forUser('usr_1', { signal: AbortSignal.timeout(10) }).access());
    await code(client.forUser('usr_1', { deadlineMs: 10 }).access());
  }
  upstream.handler = (_request, response) => {
    response.on('error', () => undefined); // The client hangs up.
    response.end(' '.repeat(6 * 1024 * 1024));
  };
  for (let i = 0; i < 12; i++) expect(await code(client.forUser('usr_1').access())).toBe('upstream_invalid');
  upstream.handler = resets;
  for (let i = 0; i < 12; i++) await client.forUser('usr_1').close('sig_1', `key_${i}`);
  upstream.handler = answers([]);
  expect(await code(client.forUser('usr_2').exchanges())).toBe('ok');
});

it('an answer between failures starts the count anew', async () => {
  for (let round = 0; round < 4; round++) {
    upstream.handler = resets;
    for (let i = 0; i < 4; i++) await code(client.forUser('usr_1').access());
    upstream.handler = answers([]);
    expect(await code(client.forUser('usr_2').exchanges())).toBe('ok');
  }
});
