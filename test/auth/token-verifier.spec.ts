import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generatePat } from '../../src/auth/pat/pat-format.js';
import type { IssuedToken } from '../../src/auth/pat/pat.service.js';
import { AppError } from '../../src/errors/app-error.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { until } from '../support/until.js';
import { forge } from './forge.js';
import { codeOf, type Instance, someUser, startInstance } from './instance.js';
import { person } from '../support/person.js';

const REQUEST = { name: 'laptop', scopes: ['read:account', 'write:trades'], maxTradeUsdt: 250.5 };

let database: TestDatabase;
let instance: Instance;
let issued: IssuedToken;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  instance = await startInstance(database.url);
  issued = await instance.tokens.create(person(someUser()), REQUEST);
});
afterEach(() => instance.close());

const verify = (token: string, address?: string) => instance.verifier.verify(token, { address });
const change = (data: { revokedAt?: Date; expiresAt?: Date; scopes?: string[]; writePolicy?: string }) =>
  instance.prisma.personalAccessToken.update({ where: { id: issued.row.id }, data });
const past = (): Date => new Date(Date.now() - 1_000);

describe('a good token', () => {
  it('is its owner with what was granted', async () => {
    expect(await verify(issued.token)).toEqual({
      userId: issued.row.userId,
      credentialId: issued.row.id,
      kind: 'pat',
      credentialName: 'laptop',
      scopes: new Set(['read:account', 'write:trades']),
      maxTradeUsdt: 250.5,
      writePolicy: 'token_only',
    });
  });

  it('costs one load and one argon2id, then neither', async () => {
    for (let round = 0; round < 5; round += 1) await verify(issued.token);
    expect(instance.costs).toEqual({ loads: 1, argon: 1 });
  });

  it('is loaded once for many requests at the same time', async () => {
    await Promise.all(Array.from({ length: 50 }, () => verify(issued.token)));
    expect(instance.costs).toEqual({ loads: 1, argon: 1 });
  });

  it('is loaded anew when asked for, without hashing anew', async () => {
    await verify(issued.token);
    await instance.verifier.verify(issued.token, { fresh: true });
    expect(instance.costs).toEqual({ loads: 2, argon: 1 });
  });

  it('loses scopes that no longer exist, and gets the stricter policy when its own is unknown', async () => {
    await change({ scopes: ['read:account', 'read:gone'], writePolicy: 'anything' });
    expect(await verify(issued.token)).toMatchObject({
      scopes: new Set(['read:account']),
      writePolicy: 'human_required',
    });
  });
});

describe('a token that is not one', () => {
  it.each(['', 'tc_pat_', 'eyJhbGciOiJIUzI1NiJ9.e30.x', 'tc_at_abc', 'tc_rt_abc', 'x'.repeat(10_000)])(
    'costs nothing (%.20s)',
    async (token) => {
      expect(await codeOf(verify(token))).toBe('token_malformed');
      expect(instance.costs.loads).toBe(0);
    },
  );

  it('costs nothing when one character is wrong', async () => {
    const typo = issued.token.slice(0, -1) + (issued.token.endsWith('0') ? '1' : '0');
    expect(await codeOf(verify(typo))).toBe('token_malformed');
    expect(instance.costs.loads).toBe(0);
  });

  it('costs no argon2id with a forged secret', async () => {
    expect(await codeOf(verify(forge(issued.token)))).toBe('token_invalid');
    expect(instance.costs).toEqual({ loads: 1, argon: 0 });
  });

  it('gets the same answer for a forged secret and an unknown selector', async () => {
    const answer = async (token: string) => {
      const error = await verify(token).catch((thrown: unknown) => thrown);
      const { code, detail, data, headers, message } = error as AppError;
      return { code, detail, data, headers, message };
    };
    const unknown = await answer(generatePat().token);
    expect(await answer(forge(issued.token))).toEqual(unknown);
    expect(unknown).toMatchObject({
      code: 'token_invalid',
      data: { settings_url: `${instance.config.publicUrl}/settings/tokens` },
    });
    expect(unknown.detail).toContain('/settings/tokens');
  });

  it('is asked about once while it is remembered', async () => {
    const token = generatePat().token;
    for (let round = 0; round < 5; round += 1) expect(await codeOf(verify(token))).toBe('token_invalid');
    expect(instance.costs.loads).toBe(1);
  });
});

describe('a dead token', () => {
  it('says that it was revoked, and where new ones are made', async () => {
    await change({ revokedAt: past() });
    await expect(verify(issued.token)).rejects.toMatchObject({
      code: 'token_revoked',
      data: { settings_url: `${instance.config.publicUrl}/settings/tokens` },
    });
  });

  it('says when it expired', async () => {
    const expiresAt = past();
    await change({ expiresAt });
    await expect(verify(issued.token)).rejects.toMatchObject({
      code: 'token_expired',
      detail: expect.stringContaining(expiresAt.toISOString()),
    });
  });

  it('says so only to who has all of it', async () => {
    await change({ revokedAt: past() });
    expect(await codeOf(verify(forge(issued.token)))).toBe('token_invalid');
  });

  it('expires on time although it is remembered', async () => {
    await change({ expiresAt: new Date(Date.now() + 400) });
    expect(await codeOf(verify(issued.token))).toBe('passes');
    const code = await until(
      () => codeOf(verify(issued.token)),
      (now) => now !== 'passes',
      2_000,
    );
    expect(code).toBe('token_expired');
    expect(instance.costs.loads).toBe(2);
  });

  it('is refused when asked for anew, even if nobody was notified', async () => {
    await verify(issued.token);
    await change({ revokedAt: past() });
    expect(await codeOf(instance.verifier.verify(issued.token, { fresh: true }))).toBe('token_revoked');
    expect(await codeOf(verify(issued.token))).toBe('token_revoked');
  });
});

describe('an address that guesses', () => {
  const guess = async (times: number, address: string): Promise<void> => {
    for (let round = 0; round < times; round += 1) await codeOf(verify(generatePat().token, address));
  };

  it('is stopped before the database after 60 failures, and told for how long', async () => {
    await guess(60, '203.0.113.1');
    expect(instance.costs.loads).toBe(60);
    const error = await verify(generatePat().token, '203.0.113.1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'rate_limited' });
    expect((error as AppError).retryAfterSeconds).toBeGreaterThan(0);
    expect((error as AppError).retryAfterSeconds).toBeLessThanOrEqual(60);
    expect(instance.costs.loads).toBe(60);
    expect(await codeOf(verify(generatePat().token, '203.0.113.2'))).toBe('token_invalid');
  });

  it('is its whole /64', async () => {
    await guess(60, '2001:db8::1');
    expect(await codeOf(verify(issued.token, '2001:db8::ffff:2'))).toBe('rate_limited');
    expect(await codeOf(verify(issued.token, '2001:db8:0:1::1'))).toBe('passes');
  });

  it('does not lock out tokens that were good here before', async () => {
    await verify(issued.token, '203.0.113.1');
    await guess(60, '203.0.113.1');
    instance.cache.evict(`pat:${issued.row.id}`);
    expect(await codeOf(verify(issued.token, '203.0.113.1'))).toBe('passes');
  });

  it('is not somebody whose client repeats one bad, one mistyped or one expired token', async () => {
    await change({ expiresAt: past() });
    const bad = generatePat().token;
    for (let round = 0; round < 100; round += 1) {
      await codeOf(verify(bad, '203.0.113.1'));
      await codeOf(verify('tc_pat_typo', '203.0.113.1'));
      await codeOf(verify(issued.token, '203.0.113.1'));
    }
    expect(await codeOf(verify(generatePat().token, '203.0.113.1'))).toBe('token_invalid');
  });
});

describe('without the database', () => {
  it('nothing is said about any token', async () => {
    const own = await createTestDatabase();
    const alone = await startInstance(own.url);
    try {
      const { token } = await alone.tokens.create(person(someUser()), REQUEST);
      await alone.verifier.verify(token);
      await own.drop();
      await until(
        () => alone.cache.trusted,
        (trusted) => !trusted,
      );
      const unknown = generatePat().token;
      for (const presented of [token, unknown, unknown]) {
        await expect(alone.verifier.verify(presented, { address: '203.0.113.1' })).rejects.toMatchObject({
          code: 'database_unavailable',
        });
      }
    } finally {
      await alone.close();
    }
  });
});
