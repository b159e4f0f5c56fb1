import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IssuedToken } from '../../src/auth/pat/pat.service.js';
import { AppError } from '../../src/errors/app-error.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { codeOf, type Instance, someUser, startInstance } from './instance.js';
import { person } from '../support/person.js';

const YESTERDAY = (): Date => new Date(Date.now() - 25 * 60 * 60 * 1000);

let database: TestDatabase;
let instance: Instance;
let issued: IssuedToken;
let asked: number;
let answer: () => Promise<{ username: string | null } | undefined>;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  answer = () => Promise.resolve({ username: 'somebody' });
  instance = await startInstance(database.url, {
    describe: () => {
      asked += 1;
      return answer();
    },
  });
  issued = await instance.tokens.create(person(someUser()), { name: 'laptop', scopes: ['read:account'] });
  asked = 0;
});
afterEach(() => instance.close());

const verify = () => codeOf(instance.verifier.verify(issued.token, { fresh: true }));
const checkedAt = async () =>
  (await instance.prisma.personalAccessToken.findUniqueOrThrow({ where: { id: issued.row.id } })).userCheckedAt;
const outdate = () =>
  instance.prisma.personalAccessToken.update({ where: { id: issued.row.id }, data: { userCheckedAt: YESTERDAY() } });

describe('the daily question whether the user still exists', () => {
  it('is not asked on the first day', async () => {
    expect(await verify()).toBe('passes');
    expect(asked).toBe(0);
  });

  it('is asked once and its answer kept', async () => {
    await outdate();
    expect(await Promise.all([verify(), verify(), verify()])).toEqual(['passes', 'passes', 'passes']);
    expect(await verify()).toBe('passes');
    expect(asked).toBe(1);
    expect(Date.now() - (await checkedAt()).getTime()).toBeLessThan(60_000);
  });

  it('ends the tokens of who is gone, without touching the row: the user may come back', async () => {
    await outdate();
    answer = () => Promise.resolve(undefined);
    await expect(instance.verifier.verify(issued.token)).rejects.toMatchObject({
      code: 'token_revoked',
      detail: expect.stringContaining('TradeCafe does not know its user any more.'),
    });
    expect((await instance.tokens.list(issued.row.userId))[0]?.revokedAt).toBeNull();
  });

  it('locks nobody out when TradeCafe is away, and is not repeated with every call', async () => {
    await outdate();
    answer = () => Promise.reject(new AppError('upstream_unavailable'));
    expect([await verify(), await verify(), await verify()]).toEqual(['passes', 'passes', 'passes']);
    expect(asked).toBe(1);
    expect((await checkedAt()).getTime()).toBeLessThan(Date.now() - 60_000);
  });

  it('holds nobody up for more than a second when TradeCafe hangs', async () => {
    await outdate();
    answer = () => new Promise(() => undefined);
    const start = performance.now();
    expect(await verify()).toBe('passes');
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});
