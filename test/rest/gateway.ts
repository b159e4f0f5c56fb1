import type { Scope } from '../../src/auth/scopes.js';
import { type DemoName, mintToken, type TestApp } from '../support/app.js';

/** One answer of the gateway, taken apart. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

export type Call = (
  method: string,
  path: string,
  options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Answer>;

/** Calls with a bearer token. */
export function callWith(app: TestApp, token: string | undefined): Call {
  return async (method, path, { body, headers } = {}) => {
    const init: RequestInit = {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    };
    const response = await fetch(`${app.url}${path}`, init);
    const text = await response.text();
    const json = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: json ? (JSON.parse(text) as unknown) : undefined,
    };
  };
}

/** Calls with a new personal access token. */
export async function patCall(
  app: TestApp,
  options: { user?: DemoName; scopes?: readonly Scope[]; name?: string } & Record<string, unknown> = {},
): Promise<Call> {
  return callWith(app, (await mintToken(app, options)).token);
}

/** The code of a problem. */
export function codeOf({ body }: Answer): unknown {
  return (body as { code?: unknown } | undefined)?.code;
}
