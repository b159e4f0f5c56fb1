import { expect } from '@jest/globals';
import { PrismaService } from '../../../src/database/prisma.service.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../../support/app.js';
import { Browser } from '../support/browser.js';
import { authorize, authorizeUrl, callMcp, type FlowOptions, newVerifier, redeem, tokensOf } from '../support/flow.js';

/** Two instances of one service, and one without a grace for rotated refresh tokens; all on one database. */
export interface World {
  readonly environment: Environment;
  readonly app: TestApp;
  readonly second: TestApp;
  readonly strict: TestApp;
  readonly sql: PrismaService;
  close(): Promise<void>;
}

/** One line of the checklist. */
export interface Attack {
  /** As counted in docs/security.md. */
  readonly no: number;
  readonly what: string;
  /** The answer that it must get. */
  readonly gets: string;
  readonly test: (world: World) => Promise<void>;
}

export async function createWorld(): Promise<World> {
  const environment = await createEnvironment({ TRUST_PROXY: '127.0.0.1' });
  const app = await startApp(environment);
  const second = await startApp(environment, { PUBLIC_URL: app.config.publicUrl });
  const strict = await startApp(environment, { REFRESH_GRACE: '0s' });
  return {
    environment,
    app,
    second,
    strict,
    sql: app.service.app.get(PrismaService),
    close: async () => {
      for (const instance of [app, second, strict]) await instance.close();
      await environment.drop();
    },
  };
}

/** A browser with a session of the site. */
export const signedIn = (app: TestApp, user: 'demo' | 'demo2' = 'demo'): Promise<Browser> =>
  new Browser(app).signIn(user);

/** A fresh code, its verifier and the browser that got it. */
export async function freshCode(app: TestApp, options: FlowOptions = {}) {
  const verifier = newVerifier();
  const { code } = await authorize(app, await signedIn(app), verifier, options);
  return { code, verifier };
}

export async function freshTokens(app: TestApp, options: FlowOptions = {}) {
  const { code, verifier } = await freshCode(app, options);
  const { clientId = 'tradecafe-mcp', redirectUri } = options;
  const fields = { client_id: clientId, ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }) };
  return tokensOf(await redeem(app, code, verifier, fields), clientId);
}

/** What was agreed to last. */
export function newestGrant(sql: PrismaService) {
  return sql.oauthGrant.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });
}

/** Asks for an authorization as a signed-in person's browser. */
export async function ask(app: TestApp, options: FlowOptions = {}): Promise<Response> {
  return (await signedIn(app)).request(authorizeUrl(app, newVerifier(), options));
}

/** An error page of ours, never a redirect. */
export async function expectPage(response: Response, status = 400): Promise<string> {
  const text = await response.text();
  expect({ status: response.status, location: response.headers.get('location') }).toEqual({ status, location: null });
  expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  return text;
}

/** A redirect to the client with an error, its state and our issuer. */
export function expectRefusal(app: TestApp, response: Response, error: string): void {
  const location = new URL(response.headers.get('location') ?? 'none:');
  expect(response.status).toBe(303);
  expect(`${location.origin}${location.pathname}`).toBe('http://127.0.0.1:43210/callback');
  const query = new URLSearchParams(location.search === '' ? location.hash.slice(1) : location.search);
  expect(Object.fromEntries(query)).toMatchObject({ error, state: 'st ate+/=', iss: app.config.publicUrl });
  expect(query.has('code')).toBe(false);
}

export async function isLive(app: TestApp, token: string): Promise<boolean> {
  const { status } = await callMcp(app, token);
  expect([200, 401]).toContain(status);
  return status === 200;
}
