import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES } from '../../src/auth/scopes.js';
import { TOOLS } from '../../src/tools/registry.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser } from './browser.js';

let environment: Environment;
let app: TestApp;
let browser: Browser;

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment, { API_PUBLIC_URL: 'https://api.tradecafe.example' });
  browser = new Browser(app);
});

afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

describe('documentation', () => {
  it('is where the root leads', async () => {
    const answer = await browser.get('/');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/docs']);
  });

  it('names this server, every tool and every scope', async () => {
    const html = await (await browser.get('/docs')).text();
    expect(html).toContain('>https://api.tradecafe.example/mcp<');
    for (const { name, scope } of TOOLS) expect(html).toMatch(new RegExp(`<code>${name}</code>.*?>${scope}</code>`));
    for (const sentence of Object.values(SCOPES)) expect(html).toContain(sentence);
  });

  it('has every operation of the OpenAPI document', async () => {
    const html = await (await browser.get('/docs')).text();
    const { paths } = (await (await browser.get('/openapi.json')).json()) as { paths: Record<string, object> };
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `<code>${method.toUpperCase()} ${path}</code>`),
    );
    expect(operations.length).toBeGreaterThan(10);
    for (const operation of operations) expect(html).toContain(operation);
    expect(html).not.toMatch(/undefined|\[object/);
  });
});

describe('every page', () => {
  it.each([
    ['/docs', 200, 'no-cache'],
    ['/login', 200, 'no-store'],
    ['/settings/tokens', 200, 'no-store'],
    ['/settings/nothing', 404, 'no-store'],
    ['/docs/nothing', 404, 'no-store'],
  ])('%s has the headers that keep scripts, frames and referrers out', async (path, status, caching) => {
    await browser.signIn('demo');
    const answer = await browser.get(path);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'same-origin',
      'cache-control': caching,
      'x-content-type-options': 'nosniff',
    });
    const html = await answer.text();
    expect(html).not.toMatch(/<style|<script(?![^>]* src="\/)|<[^>]*\s(?:style|on\w+)=/);
  });

  it('is asked for over TLS alone where production serves it so, and nowhere else', async () => {
    const secure = await startApp(environment, {
      NODE_ENV: 'production',
      TRADECAFE_MODE: 'live',
      LOGIN_URL: 'https://tradecafe.example/login',
      PUBLIC_URL: 'https://tradecafe.example',
    });
    try {
      const header = (of: TestApp) =>
        new Browser(of).get('/docs').then(({ headers }) => headers.get('strict-transport-security'));
      expect(await header(secure)).toBe('max-age=31536000; includeSubDomains');
      expect(await header(app)).toBeNull();
    } finally {
      await secure.close();
    }
  });

  it('loads nothing that is not there, and what it loads may be kept for ever', async () => {
    const html = await (await browser.get('/docs')).text();
    const paths = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const answer = await browser.get(path);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ]);
    }
  });
});

describe('static files', () => {
  it('lets nobody keep a version for ever that is not the one asked for', async () => {
    for (const path of ['/assets/site.css', '/assets/site.css?v=older']) {
      expect((await browser.get(path)).headers.get('cache-control')).toBe('no-cache');
    }
  });

  it('answers 304 to who has it already', async () => {
    const etag = (await browser.get('/assets/site.js')).headers.get('etag')!;
    const again = await fetch(`${app.url}/assets/site.js`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it.each(['/assets/nothing.css', '/assets/..%2fassets.js', '/assets/constructor'])('has no %s', async (path) => {
    expect((await browser.get(path)).status).toBe(404);
  });
});

describe('error pages', () => {
  it('say what happened, a code, the request id and a way back', async () => {
    const answer = await browser.get('/settings/<script>alert(1)</script>');
    const html = await answer.text();
    expect(answer.status).toBe(404);
    expect(html).toContain('There is nothing here.');
    expect(html).toContain('<code>not_found</code>');
    expect(html).toContain(`<code>${answer.headers.get('x-request-id')}</code>`);
    expect(html).toContain(`href="${app.config.publicUrl}/settings/tokens"`);
    expect(html).not.toContain('alert(1)');
  });

  it('answer a body of the wrong kind too', async () => {
    await browser.signIn('demo');
    const answer = await browser.post('/settings/tokens', [], { 'content-type': 'application/xml' });
    expect(answer.status).toBe(415);
    expect(await answer.text()).toContain('Open the page again and use its form.');
  });
});

describe('a browser at an address that is not for it', () => {
  const PROBLEM = 'application/problem+json; charset=utf-8';
  const AS_BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  it.each([
    ['/nothing', 404, 'not_found', '/docs'],
    ['/v1/nothing', 404, 'not_found', '/docs'],
    ['/v1/positions', 401, 'token_missing', '/docs'],
    ['/api/user/me', 401, 'token_missing', '/docs'],
    ['/mcp', 405, 'method_not_allowed', '/docs'],
    ['/oauth/token', 405, 'method_not_allowed', '/docs'],
    ['/%zz', 400, 'invalid_request', '/docs'],
    [`/settings/tokens/${'x'.repeat(300)}/revoke`, 400, 'invalid_request', '/settings/tokens'],
    ['/oauth/authorize?client_id=nobody', 400, 'authorization_refused', '/docs'],
  ])('%s gets a page with a way back', async (path, status, code, back) => {
    const answer = await browser.get(path, AS_BROWSER);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    const html = await answer.text();
    expect(html).toContain(`<code>${code}</code>`);
    expect(html).toContain(`<code>${answer.headers.get('x-request-id')}</code>`);
    expect(html).toContain(`<a class="button" href="${app.config.publicUrl}${back}">`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['/nothing', '/v1/nothing', '/v1/positions', '/api/user/me', '/%zz'])(
    'and every program at %s its problem+json',
    async (path) => {
      for (const accept of ['*/*', 'application/json', 'application/json, text/html;q=0.1']) {
        const answer = await browser.get(path, { accept });
        expect([accept, answer.headers.get('content-type')]).toEqual([accept, PROBLEM]);
      }
    },
  );

  it('signs in first where that is what is missing, and then gets what it wanted', async () => {
    const path = '/v1/activity?format=csv&outcome=denied';
    const away = await new Browser(app).get(path, AS_BROWSER);
    expect([away.status, away.headers.get('location')]).toEqual([303, `/login?next=${encodeURIComponent(path)}`]);
    const program = await new Browser(app).get(path);
    expect([program.status, program.headers.get('content-type')]).toEqual([401, PROBLEM]);
  });

  it('gets no page for what a program posts', async () => {
    const answer = await browser.post('/oauth/token', [['grant_type', 'x']], AS_BROWSER);
    expect(answer.headers.get('content-type')).toContain('application/json');
    const unknown = await browser.post('/nothing', [], AS_BROWSER);
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  });
});
