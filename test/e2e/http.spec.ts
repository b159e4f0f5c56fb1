import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';

let environment: Environment;
let app: TestApp;
const http = () => request(app.service.app.getHttpServer());
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

describe('errors outside the pages', () => {
  it('are problem+json with a code, what to do, and the request id that is also in the header', async () => {
    const response = await http()
      .get('/v1/nothing')
      .expect(404)
      .expect('content-type', /^application\/problem\+json/);
    expect(response.body).toEqual({
      type: 'about:blank',
      title: 'There is nothing here.',
      status: 404,
      code: 'not_found',
      next: expect.any(String) as unknown,
      request_id: response.headers['x-request-id'],
    });
  });

  it('tell nothing about the inside', async () => {
    const response = await http().post('/v1/tokens').set('content-type', 'application/json').send('{"a":');
    expect(response.status).toBe(400);
    expect(JSON.stringify(response.body)).not.toMatch(/SyntaxError|node_modules|at position|\.ts/);
  });

  it.each([
    ['/v1/session', 401, 'session_required'],
    ['/v1/tokens', 401, 'session_required'],
  ])('GET %s without a session is %d %s', async (path, status, code) => {
    const response = await http().get(path).expect(status);
    expect(response.body).toMatchObject({ code });
  });

  it('a personal access token is no session', async () => {
    const { token } = await mintToken(app);
    await http().get('/v1/tokens').set('authorization', `Bearer ${token}`).expect(401);
  });

  it('an id that a caller sends is never taken for ours', async () => {
    const response = await http().get('/health/live').set('x-request-id', 'forged-id');
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('health', () => {
  it('live and ready', async () => {
    await http().get('/health/live').expect(200, { status: 'ok' });
    await http().get('/health/ready').expect(200, { status: 'ok', database: 'ok' }).expect('cache-control', 'no-store');
  });
});

describe('cross-origin requests', () => {
  it('a foreign origin gets no permission to read, not even at public routes', async () => {
    const response = await http().get('/health/live').set('origin', 'https://evil.example');
    expect(response.headers['access-control-allow-origin']).not.toBe('https://evil.example');
    expect(response.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('a foreign origin is refused at /v1 with a token and all', async () => {
    const { token } = await mintToken(app);
    const response = await http()
      .get('/v1/tokens')
      .set({ origin: 'https://evil.example', authorization: `Bearer ${token}` });
    expect(response.status).toBe(403);
    expect(response.body).toMatchObject({ code: 'origin_not_allowed' });
  });
});

describe('absolute addresses', () => {
  it('come from configuration, whatever Host and X-Forwarded-* say', async () => {
    const response = await http()
      .get('/.well-known/oauth-protected-resource')
      .set({ host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' });
    expect(response.body).toMatchObject({ resource: `${app.config.publicUrl}/mcp` });
    expect(JSON.stringify(response.body)).not.toContain('evil');
  });
});
