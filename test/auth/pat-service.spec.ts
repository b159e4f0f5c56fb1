import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '../../src/errors/app-error.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { codeOf, type Instance, someUser, startInstance } from './instance.js';
import { person } from '../support/person.js';

const REQUEST = { name: 'laptop', scopes: ['read:account'] };
const DAY_MS = 24 * 60 * 60 * 1000;

let database: TestDatabase;
let instance: Instance;
let other: Instance;
let userId: string;
let known: (userId: string) => Promise<{ username: string | null } | undefined>;

beforeAll(async () => {
  database = await createTestDatabase();
  instance = await startInstance(database.url, { describe: (id) => known(id) });
  other = await startInstance(database.url);
});
afterAll(async () => {
  await Promise.all([instance.close(), other.close()]);
  await database.drop();
});
beforeEach(() => {
  userId = someUser();
  known = () => Promise.resolve({ username: null });
});

/** Gives the user live tokens that nobody holds. */
async function fill(count: number): Promise<void> {
  const { row } = await other.tokens.create(person(someUser()), REQUEST);
  const { id: _, ...columns } = row;
  await other.prisma.personalAccessToken.createMany({
    data: Array.from({ length: count }, () => ({ ...columns, userId, selector: randomUUID().slice(0, 12) })),
  });
}

/** Opens the connections that the attempts need: they are to wait for each other, not for these. */
async function connect({ prisma }: Instance): Promise<void> {
  await Promise.all(Array.from({ length: 6 }, () => prisma.$queryRaw`SELECT 1 FROM pg_sleep(0.2)`));
}

describe('creating', () => {
  it('keeps nothing the token could be made of', async () => {
    const { row, token } = await instance.tokens.create(person(userId), {
      ...REQUEST,
      expiresInDays: 90,
      maxTradeUsdt: 10.01,
    });
    const stored = await instance.prisma.personalAccessToken.findUniqueOrThrow({ where: { id: row.id } });
    const text = JSON.stringify({ ...stored, tag: Buffer.from(stored.tag).toString('latin1') });
    expect(text).not.toContain(token.slice(19, 51));
    expect(stored.hint).toBe(`${token.slice(0, 10)}…`);
    expect(stored.maxTradeUsdt?.toString()).toBe('10.01');
    expect(Math.abs(stored.expiresAt!.getTime() - Date.now() - 90 * DAY_MS)).toBeLessThan(60_000);
  });

  it('refuses a user whom TradeCafe does not know', async () => {
    known = () => Promise.resolve(undefined);
    expect(await codeOf(instance.tokens.create(person(userId), REQUEST))).toBe('user_unknown');
    expect(await instance.tokens.list(userId)).toEqual([]);
  });

  it('waits for TradeCafe rather than guess', async () => {
    known = () => Promise.reject(new AppError('upstream_unavailable'));
    expect(await codeOf(instance.tokens.create(person(userId), REQUEST))).toBe('upstream_unavailable');
  });

  it('ends at 50 live tokens, however many ask at once and wherever', async () => {
    await fill(46);
    await Promise.all([instance, other].map(connect));
    const attempts = Array.from({ length: 12 }, (_, index) =>
      codeOf((index % 2 === 0 ? instance : other).tokens.create(person(userId), REQUEST)),
    );
    const codes = await Promise.all(attempts);
    expect(codes.filter((code) => code === 'passes')).toHaveLength(4);
    expect(codes.filter((code) => code === 'token_limit_reached')).toHaveLength(8);
  });

  it('counts neither revoked nor expired tokens', async () => {
    await fill(50);
    await instance.prisma.personalAccessToken.updateMany({ where: { userId }, data: { expiresAt: new Date() } });
    expect(await codeOf(instance.tokens.create(person(userId), REQUEST))).toBe('passes');
    await fill(49);
    expect(await codeOf(instance.tokens.create(person(userId), REQUEST))).toBe('token_limit_reached');
    await instance.tokens.revokeAll(person(userId));
    expect(await codeOf(instance.tokens.create(person(userId), REQUEST))).toBe('passes');
  });
});

describe('listing', () => {
  it('shows only their owner their tokens, live ones first, newest first', async () => {
    const first = await instance.tokens.create(person(userId), REQUEST);
    const second = await instance.tokens.create(person(userId), REQUEST);
    const third = await instance.tokens.create(person(userId), REQUEST);
    await instance.tokens.create(person(someUser()), REQUEST);
    await instance.tokens.revoke(person(userId), third.row.id);
    const ids = (await instance.tokens.list(userId)).map(({ id }) => id);
    expect(ids).toEqual([second.row.id, first.row.id, third.row.id]);
  });

  it('leaves out what has been dead for a month', async () => {
    const { row } = await instance.tokens.create(person(userId), REQUEST);
    const where = { id: row.id };
    const long = new Date(Date.now() - 31 * DAY_MS);
    await instance.prisma.personalAccessToken.update({ where, data: { expiresAt: long } });
    expect(await instance.tokens.list(userId)).toEqual([]);
    await instance.prisma.personalAccessToken.update({ where, data: { expiresAt: null, revokedAt: long } });
    expect(await instance.tokens.list(userId)).toEqual([]);
  });
});

describe('revoking', () => {
  it.each(['', 'x', '../tokens', "' OR 1=1 --", randomUUID()])('finds nothing under %p', async (id) => {
    expect(await codeOf(instance.tokens.revoke(person(userId), id))).toBe('not_found');
    expect(await codeOf(instance.tokens.rotate(person(userId), id, 0))).toBe('not_found');
    expect(await codeOf(instance.tokens.revokeAnyones(person, id))).toBe('not_found');
  });

  it("finds nothing under somebody else's id, and changes nothing", async () => {
    const { row, token } = await instance.tokens.create(person(someUser()), REQUEST);
    expect(await codeOf(instance.tokens.revoke(person(userId), row.id))).toBe('not_found');
    expect(await codeOf(instance.tokens.rotate(person(userId), row.id, 0))).toBe('not_found');
    expect(await codeOf(instance.verifier.verify(token))).toBe('passes');
  });

  it('is the same twice, and keeps the time of the first', async () => {
    const { row } = await instance.tokens.create(person(userId), REQUEST);
    await instance.tokens.revoke(person(userId), row.id);
    const [first] = await instance.tokens.list(userId);
    await instance.tokens.revoke(person(userId), row.id);
    expect(await instance.tokens.list(userId)).toEqual([first]);
  });

  it("is the operator's for any user", async () => {
    const { row } = await instance.tokens.create(person(userId), REQUEST);
    await instance.tokens.revokeAnyones(person, row.id);
    expect((await instance.tokens.list(userId))[0]?.revokedAt).not.toBeNull();
  });
});

describe('rotating', () => {
  const everything = { ...REQUEST, expiresInDays: 30, maxTradeUsdt: 5, writePolicy: 'human_required' as const };

  it('makes another id and secret with the same rights, and the same length of life from now on', async () => {
    const old = await instance.tokens.create(person(userId), everything);
    const shifted = { createdAt: new Date(Date.now() - 20 * DAY_MS), expiresAt: new Date(Date.now() + 10 * DAY_MS) };
    await instance.prisma.personalAccessToken.update({ where: { id: old.row.id }, data: shifted });
    const { row, token } = await instance.tokens.rotate(person(userId), old.row.id, 0);
    expect(token).not.toBe(old.token);
    expect(row).toMatchObject({
      name: old.row.name,
      scopes: old.row.scopes,
      maxTradeUsdt: old.row.maxTradeUsdt,
      writePolicy: 'human_required',
      rotatedFromId: old.row.id,
    });
    expect(row.id).not.toBe(old.row.id);
    expect(Math.abs(row.expiresAt!.getTime() - Date.now() - 30 * DAY_MS)).toBeLessThan(60_000);
  });

  it('lets the old one live on for the grace, but not beyond its own end', async () => {
    const old = await instance.tokens.create(person(userId), everything);
    await instance.tokens.rotate(person(userId), old.row.id, 60);
    const after = await instance.prisma.personalAccessToken.findUniqueOrThrow({ where: { id: old.row.id } });
    expect(after.revokedAt).toBeNull();
    expect(Math.abs(after.expiresAt!.getTime() - Date.now() - 3_600_000)).toBeLessThan(60_000);

    const dying = await instance.tokens.create(person(userId), REQUEST);
    const expiresAt = new Date(Date.now() + 120_000);
    await instance.prisma.personalAccessToken.update({ where: { id: dying.row.id }, data: { expiresAt } });
    await instance.tokens.rotate(person(userId), dying.row.id, 60);
    const unchanged = await instance.prisma.personalAccessToken.findUniqueOrThrow({ where: { id: dying.row.id } });
    expect(unchanged.expiresAt).toEqual(expiresAt);
  });

  it('of one token by many at once happens once', async () => {
    const old = await instance.tokens.create(person(userId), REQUEST);
    await Promise.all([instance, other].map(connect));
    const attempts = Array.from({ length: 6 }, (_, index) =>
      codeOf((index % 2 === 0 ? instance : other).tokens.rotate(person(userId), old.row.id, 60)),
    );
    const codes = (await Promise.all(attempts)).sort();
    expect(codes).toEqual(['passes', ...Array.from({ length: 5 }, () => 'token_not_live')]);
  });

  it('and revoking at once never leaves a successor of a token that was revoked first', async () => {
    for (let round = 0; round < 20; round += 1) {
      const old = await instance.tokens.create(person(userId), REQUEST);
      const [rotated] = await Promise.all([
        codeOf(instance.tokens.rotate(person(userId), old.row.id, 60)),
        other.tokens.revoke(person(userId), old.row.id),
      ]);
      const row = await instance.prisma.personalAccessToken.findUniqueOrThrow({ where: { id: old.row.id } });
      expect(row.revokedAt).not.toBeNull();
      expect(['passes', 'token_not_live']).toContain(rotated);
      await instance.tokens.revokeAll(person(userId));
    }
  });

  it('refuses the dead', async () => {
    const revoked = await instance.tokens.create(person(userId), REQUEST);
    await instance.tokens.revoke(person(userId), revoked.row.id);
    expect(await codeOf(instance.tokens.rotate(person(userId), revoked.row.id, 0))).toBe('token_not_live');
    const expired = await instance.tokens.create(person(userId), REQUEST);
    await instance.prisma.personalAccessToken.update({
      where: { id: expired.row.id },
      data: { expiresAt: new Date() },
    });
    expect(await codeOf(instance.tokens.rotate(person(userId), expired.row.id, 0))).toBe('token_not_live');
  });

  it('with a grace needs room for one more, without does not', async () => {
    await fill(49);
    const { row } = await instance.tokens.create(person(userId), REQUEST);
    expect(await codeOf(instance.tokens.rotate(person(userId), row.id, 60))).toBe('token_limit_reached');
    expect(await codeOf(instance.tokens.rotate(person(userId), row.id, 0))).toBe('passes');
  });

  it('refuses a grace of more than a day', async () => {
    const { row } = await instance.tokens.create(person(userId), REQUEST);
    expect(await codeOf(instance.tokens.rotate(person(userId), row.id, 1441))).toBe('invalid_request');
  });
});
