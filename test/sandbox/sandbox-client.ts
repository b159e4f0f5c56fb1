import { request as httpRequest } from 'node:http';
import { SignJWT } from 'jose';
import { DEMO_USER } from '../../src/config/demo.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/start-sandbox.js';
import type { SignalRow } from '../../src/sandbox/wire-records.js';

export const SECRET = 'secret-of-the-sandbox-in-its-own-tests-01';

/** A running sandbox and a way to talk to it as some user. */
export interface Harness {
  readonly sandbox: Sandbox;
  /** `GET` below `/api`, parsed. Throws on anything but 200. */
  get<T = SignalRow[]>(path: string, user?: string): Promise<T>;
  /** Any request below `/api`. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** A request to a control route, without `/__sandbox`. */
  steer(method: string, path: string, body?: unknown): Promise<Response>;
}

interface CallOptions {
  user?: string;
  key?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  body?: string;
}

/** Signs what our side sends upstream: HS256, subject, expiry. */
export function sign(claims: Record<string, unknown>, options: { secret?: string; expires?: string | null } = {}) {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setIssuedAt();
  if (options.expires !== null) token.setExpirationTime(options.expires ?? '60s');
  return token.sign(new TextEncoder().encode(options.secret ?? SECRET));
}

export async function startHarness(options: Partial<SandboxOptions> = {}): Promise<Harness> {
  const sandbox = await startSandbox({ port: 0, jwtSecret: SECRET, ...options });
  const call: Harness['call'] = async (method, path, { user = DEMO_USER.id, key, headers, signal, body } = {}) =>
    send(method, `${sandbox.baseUrl}${path}`, {
      signal,
      body,
      headers: {
        authorization: `Bearer ${await sign({ sub: user })}`,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
    });
  return {
    sandbox,
    call,
    get: async <T>(path: string, user?: string) => {
      const response = await call('GET', path, { user });
      if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}`);
      return (await response.json()) as T;
    },
    steer: (method, path, body) =>
      send(method, `${sandbox.controlUrl}${path}`, body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

function send(method: string, url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, method });
}

/**
 * A close of which only the first half of the body was sent, so that it is under way for as long as the test wants.
 * `ended` tells whether it was answered with a status or cut off.
 */
export async function halfSentClose({ sandbox }: Harness, id: string) {
  const request = httpRequest(`${sandbox.baseUrl}/trade/close/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await sign({ sub: DEMO_USER.id })}`, 'content-length': '2' },
  });
  const ended = new Promise<number | 'cut off'>((resolve) => {
    request.once('response', (response) => resolve(response.resume().statusCode ?? 0));
    request.once('error', () => resolve('cut off'));
  });
  request.write('{');
  return { ended, finish: () => request.end('}') };
}

/** Waits until `condition` holds; fails after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true in time');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
