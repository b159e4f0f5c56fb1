import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import { SECRET, sign, startHarness, type Harness } from './sandbox-client.js';

describe('the sandbox checks who is calling', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.sandbox.stop());

  const sub = DEMO_USER.id;
  const key = new TextEncoder().encode(SECRET);
  const refused: [string, () => Promise<string> | string][] = [
    ['no header', () => ''],
    ['another scheme', async () => `Basic ${await sign({ sub })}`],
    ['an opaque token', () => 'Bearer tc_pat_0123456789'],
    [
      'another secret',
      async () => `Bearer ${await sign({ sub }, { secret: 'another-secret-of-enough-length-000001' })}`,
    ],
    ['an expired token', async () => `Bearer ${await sign({ sub }, { expires: '-1s' })}`],
    ['a token without expiry', async () => `Bearer ${await sign({ sub }, { expires: null })}`],
    ['a token without subject', async () => `Bearer ${await sign({})}`],
    ['alg none', () => `Bearer ${new UnsecuredJWT({ sub }).setExpirationTime('60s').encode()}`],
    [
      'another algorithm with the right secret',
      async () =>
        `Bearer ${await new SignJWT({ sub }).setProtectedHeader({ alg: 'HS512' }).setExpirationTime('60s').sign(key)}`,
    ],
  ];

  it.each(refused)('401 for %s, on reads and writes', async (_name, authorization) => {
    const headers = { authorization: await authorization() };
    const read = await harness.call('GET', '/trade/active', { headers });
    expect(read.status).toBe(401);
    expect(await read.json()).toEqual({ statusCode: 401, message: 'Unauthorized', error: 'Unauthorized' });
    expect((await harness.call('PUT', '/trade/approve/sig_2026060402', { headers })).status).toBe(401);
    expect(harness.sandbox.control.journal()).toEqual([]);
  });

  it('404 for a user that does not exist', async () => {
    expect((await harness.call('GET', '/user/usr_nobody', { user: 'usr_nobody' })).status).toBe(404);
    expect((await harness.call('PUT', '/trade/close/pos_2026060401', { user: 'usr_nobody' })).status).toBe(404);
    expect((await harness.call('GET', '/user/__proto__', { user: '__proto__' })).status).toBe(404);
  });

  it("404 for somebody else's profile, for /user/me and for what pwa-be does not have", async () => {
    const paths = [
      `/user/${SECOND_DEMO_USER.id}`,
      '/user/me',
      '/user/',
      '/constructor',
      '/signal/sig_2026060402',
      '/user/%',
    ];
    for (const path of paths) {
      expect([path, (await harness.call('GET', path)).status]).toEqual([path, 404]);
    }
    expect((await harness.call('POST', '/trade/approve/sig_2026060402')).status).toBe(404);
    expect((await harness.call('PUT', '/trade/active')).status).toBe(404);
  });

  it('403 for a disabled user, until enabled again', async () => {
    expect((await harness.steer('POST', `/users/${sub}`, { enabled: false })).status).toBe(200);
    expect((await harness.call('GET', `/user/${sub}`)).status).toBe(403);
    expect((await harness.call('PUT', '/trade/close/pos_2026060401')).status).toBe(403);
    expect((await harness.call('GET', '/trade/active', { user: SECOND_DEMO_USER.id })).status).toBe(200);
    await harness.steer('POST', `/users/${sub}`, { enabled: true });
    expect((await harness.call('GET', `/user/${sub}`)).status).toBe(200);
    expect(harness.sandbox.control.journal()).toEqual([]);
  });

  it('logs what arrived, never a token', async () => {
    harness.sandbox.control.reset();
    const secretive = 'tc_at_SECRETVALUE';
    await harness.call('PUT', '/trade/close/x', { key: 'key-1', headers: { authorization: `Bearer ${secretive}` } });
    await harness.call('PUT', '/trade/close/x', { key: 'key-2' });
    await harness.call('GET', '/signal/history?page=2');
    const answer = await (await harness.steer('GET', '/requests')).text();
    expect(answer).not.toContain('SECRETVALUE');
    expect(answer).not.toContain('eyJ');
    expect(JSON.parse(answer)).toMatchObject({
      counts: { writes: 2, reads: 1, own_tokens: 1 },
      writes: [
        { user: null, idempotency_key: 'key-1', authorization: true, own_token: true, status: 401, applied: false },
        { user: sub, idempotency_key: 'key-2', authorization: true, own_token: false, status: 404, applied: false },
      ],
      reads: [
        {
          method: 'GET',
          path: '/signal/history?page=2',
          user: sub,
          header_names: expect.arrayContaining(['authorization']),
        },
      ],
    });
  });
});
