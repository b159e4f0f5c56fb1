import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IssuedToken } from '../../src/auth/pat/pat.service.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';
import { codeOf, type Instance, someUser, startInstance } from './instance.js';
import { person } from '../support/person.js';

const REQUEST = { name: 'laptop', scopes: ['read:account'] };

let database: TestDatabase;
let one: Instance;
let two: Instance;
let issued: IssuedToken;
/** What `one` waits for between the end of a load and its use. */
let gate: Promise<void> | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  gate = undefined;
  one = await startInstance(database.url, { afterLoad: () => gate ?? Promise.resolve() });
  two = await startInstance(database.url);
  issued = await one.tokens.create(person(someUser()), REQUEST);
});
afterEach(() => Promise.all([one.close(), two.close()]));

const at = (instance: Instance) => codeOf(instance.verifier.verify(issued.token));
const revoke = (instance: Instance) => instance.tokens.revoke(person(issued.row.userId), issued.row.id);

/** The other instance refuses the token, a second after it was revoked at the latest. */
async function revokedAtTwo(): Promise<void> {
  expect(
    await until(
      () => at(two),
      (code) => code === 'token_revoked',
      1_000,
    ),
  ).toBe('token_revoked');
}

/** Both instances have the token in their cache. */
async function warm(): Promise<void> {
  for (const instance of [one, two]) {
    await instance.verifier.verify(issued.token);
    const { loads } = instance.costs;
    await instance.verifier.verify(issued.token);
    expect(instance.costs.loads).toBe(loads);
  }
}

describe('a revocation', () => {
  it('is effective where it was asked for with its answer, elsewhere within moments', async () => {
    await warm();
    await revoke(one);
    expect(await at(one)).toBe('token_revoked');
    await revokedAtTwo();
  });

  it('finds the token however its id is written', async () => {
    await warm();
    await one.tokens.revoke(person(issued.row.userId), issued.row.id.toUpperCase());
    expect(await at(one)).toBe('token_revoked');
    await revokedAtTwo();
  });

  it("of all of a user's tokens ends each of them, and nobody else's", async () => {
    const sibling = await one.tokens.create(person(issued.row.userId), REQUEST);
    const stranger = await one.tokens.create(person(someUser()), REQUEST);
    await warm();
    for (const { token } of [sibling, stranger]) await two.verifier.verify(token);
    expect(await one.tokens.revokeAll(person(issued.row.userId))).toBe(2);
    expect(await at(one)).toBe('token_revoked');
    await revokedAtTwo();
    expect(await codeOf(two.verifier.verify(sibling.token))).toBe('token_revoked');
    const { loads } = two.costs;
    expect(await codeOf(two.verifier.verify(stranger.token))).toBe('passes');
    expect(two.costs.loads).toBe(loads);
  });

  it('without grace ends the rotated token, with grace lets it live until then', async () => {
    await warm();
    const successor = await one.tokens.rotate(person(issued.row.userId), issued.row.id, 0);
    expect(await at(one)).toBe('token_revoked');
    await revokedAtTwo();
    expect(await codeOf(two.verifier.verify(successor.token))).toBe('passes');
    const next = await one.tokens.rotate(person(issued.row.userId), successor.row.id, 10);
    expect(await codeOf(two.verifier.verify(successor.token))).toBe('passes');
    expect(await codeOf(two.verifier.verify(next.token))).toBe('passes');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['revoking', () => revoke(one)],
    ["revoking all of a user's", () => one.tokens.revokeAll(person(issued.row.userId))],
    ['rotating', () => one.tokens.rotate(person(issued.row.userId), issued.row.id, 0)],
  ])('by %s does not wait for its own notification', async (_, end) => {
    await one.notifications.stop();
    // As if the notification were still on its way.
    jest.spyOn(one.notifications, 'trusted').mockReturnValue(true);
    await one.verifier.verify(issued.token);
    await end();
    expect(await at(one)).toBe('token_revoked');
  });

  it('wins over a load that began before it: the answer is not kept, and no later request gets it', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const before = at(one);
    await until(
      () => one.costs.loads,
      (loads) => loads === 1,
    );
    const { generation } = one.cache;
    await revoke(two);
    await until(
      () => one.cache.generation,
      (now) => now !== generation,
    );
    gate = undefined;
    expect(await at(one)).toBe('token_revoked');
    open();
    // That request was there before the revocation.
    expect(await before).toBe('passes');
    expect(await at(one)).toBe('token_revoked');
  });
});

describe('a lost notification connection', () => {
  it('has every request ask the database', async () => {
    await warm();
    await two.notifications.stop();
    const { loads } = two.costs;
    for (let round = 1; round <= 3; round += 1) {
      expect(await at(two)).toBe('passes');
      expect(two.costs.loads).toBe(loads + round);
    }
    await revoke(one);
    expect(await at(two)).toBe('token_revoked');
  });

  it('is not made good by its return: what was remembered before is forgotten', async () => {
    await warm();
    const { generation } = two.cache;
    await one.prisma.$executeRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'tradecafe-mcp listen'`;
    await until(
      () => two.cache.trusted,
      (trusted) => !trusted,
    );
    await until(() => two.cache.trusted && two.cache.generation !== generation, Boolean);
    const { loads } = two.costs;
    expect(await at(two)).toBe('passes');
    expect(two.costs.loads).toBe(loads + 1);
  });
});
