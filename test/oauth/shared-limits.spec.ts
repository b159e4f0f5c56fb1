import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OauthCleanup } from '../../src/auth/oauth/cleanup.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser } from './support/browser.js';
import { REDIRECT } from './support/flow.js';

let environment: Environment;
let instances: TestApp[];
let sql: PrismaService;
beforeAll(async () => {
  environment = await createEnvironment({ TRUST_PROXY: '127.0.0.1' });
  const first = await startApp(environment);
  instances = [first, await startApp(environment, { PUBLIC_URL: first.config.publicUrl })];
  sql = first.service.app.get(PrismaService);
});
afterAll(async () => {
  for (const instance of instances ?? []) await instance.close();
  await environment?.drop();
});

/** The n-th of many requests, by turns at each instance. */
const at = (turn: number): TestApp => instances[turn % instances.length]!;

const register = async (turn: number, address: string): Promise<number> =>
  (
    await fetch(`${at(turn).url}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ redirect_uris: [REDIRECT] }),
    })
  ).status;

const startDevice = async (turn: number, address: string): Promise<number> =>
  (
    await fetch(`${at(turn).url}/oauth/device_authorization`, {
      method: 'POST',
      headers: { 'x-forwarded-for': address },
      body: new URLSearchParams({ client_id: 'tradecafe-mcp' }),
    })
  ).status;

/** One at each instance: more would have each open connections, which on a busy machine may end in a rightful 503. */
const AT_ONCE = 2;

/** Does something many times, several at once. */
async function times<T>(count: number, act: (turn: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let start = 0; start < count; start += AT_ONCE) {
    const turns = Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, index) => start + index);
    results.push(...(await Promise.all(turns.map(act))));
  }
  return results;
}

/** How many answers had which status. */
function tally(statuses: readonly number[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('two instances', () => {
  it.each([
    ['registrations', register, 60, 201],
    ['devices that start', startDevice, 30, 200],
  ] as const)(
    'count %s of an address together, at the same time',
    async (what, act, limit, fine) => {
      const address = `203.0.113.${limit}`;
      const statuses = await times(limit + 20, (turn) => act(turn, address));
      expect(tally(statuses)).toEqual({ [fine]: limit, 429: 20 });
      expect(await times(2, (turn) => act(turn, `198.51.100.${limit}`))).toEqual([fine, fine]);
    },
    60_000,
  );

  it('count wrong user codes of a person together', async () => {
    const browser = await new Browser(instances[0]!).signIn();
    const csrf = (await browser.form('/oauth/device')).fields.find(([name]) => name === 'csrf_token')!;
    const statuses: number[] = [];
    for (let guess = 0; guess < 13; guess += 1) {
      const here = browser.movedTo(at(guess));
      const headers = { origin: instances[0]!.config.publicUrl, 'x-forwarded-for': `198.51.100.${guess}` };
      statuses.push((await here.post('/oauth/device', [csrf, ['user_code', 'BBBB-BBBB']], headers)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429, 429, 429]);
  });
});

describe('the rows of the limits', () => {
  it('name neither address nor person, and a flood adds nothing to them', async () => {
    const address = '203.0.113.200';
    const rows = () => sql.rateLimit.findMany({ orderBy: { key: 'asc' } });
    await times(60, (turn) => register(turn, address));
    // Each instance learns once that it is over.
    for (const turn of [0, 1]) expect(await register(turn, address)).toBe(429);
    const before = await rows();
    expect(tally(await times(40, (turn) => register(turn, address)))).toEqual({ 429: 40 });
    expect(await rows()).toEqual(before);
    expect(before.length).toBeGreaterThan(0);
    expect(JSON.stringify(before)).not.toMatch(/203\.0|198\.51|usr_/);
  });

  it('go once they are over', async () => {
    await sql.$executeRaw`UPDATE rate_limits SET expires_at = now() - interval '1 second'`;
    expect(await instances[0]!.service.app.get(OauthCleanup).sweep()).toBeGreaterThan(0);
    expect(await sql.rateLimit.count()).toBe(0);
  });
});
