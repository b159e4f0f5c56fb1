import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Service, startService } from '../../src/app.js';
import type { Config } from '../../src/config/config.js';
import { ALL_SCOPES, type Scope } from '../../src/auth/scopes.js';
import { loadConfig } from '../../src/config/load-config.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.js';
import { issued, issuedCookie, testLogger } from './run-logs/run-logs.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

const PWA_BE_SECRET = 'test-secret-of-the-pwa-be-user-tokens-0001';
const SESSION_SECRET = 'test-secret-of-the-site-session-cookie-0001';

/** Two applications with the same environment share database, sandbox and secrets: two instances of one fleet. */
export interface Environment {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  readonly variables: Readonly<Record<string, string>>;
  drop(): Promise<void>;
}

/** The whole application on a free port, over HTTP, with only pwa-be replaced by the sandbox. */
export interface TestApp {
  readonly url: string;
  readonly config: Config;
  readonly service: Service;
  close(): Promise<void>;
}

/** Where an application answers, in this process or in another one. */
export interface Reachable {
  readonly url: string;
  readonly config: Pick<Config, 'publicUrl'>;
}

/** A database of its own, a sandbox of its own, and the variables that point at both. */
export async function createEnvironment(extra: Readonly<Record<string, string>> = {}): Promise<Environment> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tradecafe-test-'));
  const database = await createTestDatabase();
  const sandbox = await startSandbox({ port: 0, jwtSecret: PWA_BE_SECRET });
  return {
    database,
    sandbox,
    variables: {
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      TRADECAFE_MODE: 'mock',
      PWA_BE_BASE_URL: sandbox.baseUrl,
      PWA_BE_JWT_SECRET: PWA_BE_SECRET,
      SESSION_JWT_SECRET: SESSION_SECRET,
      TOKEN_PEPPER: 'test-pepper-of-the-token-hashes-000000001',
      AUDIT_SIGNING_KEY: 'dGVzdC1rZXktb2YtdGhlLWF1ZGl0LWxvZy0wMDAwMDE=',
      RATE_LIMIT_PER_MINUTE: '100000',
      LOG_LEVEL: 'silent',
      ...extra,
    },
    drop: async () => {
      await sandbox.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Starts one instance in an environment. */
export async function startApp(
  environment: Environment,
  extra: Readonly<Record<string, string>> = {},
): Promise<TestApp> {
  const config = await loadConfig({ ...environment.variables, ...extra });
  const service = await startService(config, testLogger());
  return { url: `http://127.0.0.1:${config.port}`, config, service, close: () => service.close() };
}

/** The logins of the sandbox's two users. */
export type DemoName = 'demo' | 'demo2';

/** Signs a demo user in through the login form and returns the cookie header's value. */
export async function signIn(app: Reachable, user: DemoName = 'demo'): Promise<string> {
  const response = await fetch(`${app.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: app.config.publicUrl },
    body: new URLSearchParams({ user, next: '/settings/tokens' }),
  });
  const cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0];
  if (response.status !== 303 || cookie === undefined) throw new Error(`login answered ${response.status}`);
  return issuedCookie(cookie);
}

/** A signed-in browser's view of /v1: cookie, CSRF token and origin on every request. */
export async function sessionFetch(app: Reachable, user: DemoName = 'demo') {
  const cookie = await signIn(app, user);
  const session = (await (await fetch(`${app.url}/v1/session`, { headers: { cookie } })).json()) as {
    csrf_token: string;
  };
  issued(session.csrf_token);
  return (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${app.url}${path}`, {
      method,
      headers: {
        cookie,
        origin: app.config.publicUrl,
        'x-csrf-token': session.csrf_token,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
}

/** A token as /v1/tokens returns it at creation. */
export interface CreatedToken {
  readonly id: string;
  readonly token: string;
}

/** Mints a PAT the way a person does: session, CSRF, POST /v1/tokens. */
export async function mintToken(
  app: Reachable,
  options: { user?: DemoName; scopes?: readonly Scope[]; name?: string } & Record<string, unknown> = {},
): Promise<CreatedToken> {
  const { user = 'demo', scopes = ALL_SCOPES, name = 'test', ...rest } = options;
  const call = await sessionFetch(app, user);
  const response = await call('POST', '/v1/tokens', { name, scopes, ...rest });
  if (response.status !== 201) throw new Error(`POST /v1/tokens answered ${response.status}: ${await response.text()}`);
  const created = (await response.json()) as CreatedToken;
  issued(created.token);
  return created;
}
