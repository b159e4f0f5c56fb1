import { createHash, randomBytes } from 'node:crypto';
import type { Reachable } from '../../support/app.js';
import { issued } from '../../support/run-logs/run-logs.js';
import { Browser, type FormPage } from './browser.js';

export const REDIRECT = 'http://127.0.0.1:43210/callback';
const STATIC_CLIENT = 'tradecafe-mcp';

/** What the token endpoint answers. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly scope: string;
  readonly clientId: string;
}

export interface FlowOptions {
  readonly clientId?: string;
  readonly redirectUri?: string;
  readonly scope?: string | null;
  /** Of the service; `mcp` unless it is null (none sent). */
  readonly resource?: string | null;
  readonly state?: string;
  /** Added to, or put over, the query of the authorization request. */
  readonly extra?: Readonly<Record<string, string>>;
}

export const newVerifier = (): string => issued(randomBytes(32).toString('base64url'));
const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** The address that a client sends the browser to. */
export function authorizeUrl(app: Reachable, verifier: string, options: FlowOptions = {}): string {
  const {
    clientId = STATIC_CLIENT,
    redirectUri = REDIRECT,
    scope = 'read:account',
    resource,
    state = 'st ate+/=',
  } = options;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    ...(scope === null ? {} : { scope }),
    ...(resource === null ? {} : { resource: resource ?? `${app.config.publicUrl}/mcp` }),
    ...options.extra,
  });
  return `/oauth/authorize?${query.toString()}`;
}

/** Where the browser was sent back to. */
export function callbackOf(response: Response): { readonly address: string; readonly query: URLSearchParams } {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect but ${response.status}`);
  const { origin, pathname, searchParams } = new URL(location);
  return { address: `${origin}${pathname}`, query: searchParams };
}

let callers = 0;

/** An address of nobody else, where the service trusts its proxy: limits by address are not what most tests are about. */
export function someAddress(): string {
  callers += 1;
  return `198.18.${callers >> 8}.${callers & 255}`;
}

/** A form post to one of the OAuth endpoints. */
export async function postForm(
  app: Reachable,
  path: string,
  fields: Readonly<Record<string, string>> | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'x-forwarded-for': someAddress(), ...headers },
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** From the client's address to a code, with every box as the page has it. */
export async function authorize(app: Reachable, browser: Browser, verifier: string, options: FlowOptions = {}) {
  const page: FormPage = await browser.form(authorizeUrl(app, verifier, options));
  const { query } = callbackOf(await browser.press(page, 'authorize'));
  const code = query.get('code');
  if (code === null) throw new Error(`no code but ${query.toString()}`);
  return { code, query };
}

export function redeem(
  app: Reachable,
  code: string,
  verifier: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  return postForm(app, '/oauth/token', {
    grant_type: 'authorization_code',
    client_id: STATIC_CLIENT,
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
    ...fields,
  });
}

export function refresh(
  app: Reachable,
  tokens: Pick<Tokens, 'refresh' | 'clientId'>,
  fields: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  return postForm(app, '/oauth/token', {
    grant_type: 'refresh_token',
    client_id: tokens.clientId,
    refresh_token: tokens.refresh,
    ...fields,
  });
}

export function tokensOf({ status, body }: TokenAnswer, clientId = STATIC_CLIENT): Tokens {
  if (status !== 200) throw new Error(`token endpoint answered ${status} ${JSON.stringify(body)}`);
  const { access_token: access, refresh_token: refreshToken, scope } = body as Record<string, string>;
  return { access: access!, refresh: refreshToken!, scope: scope!, clientId };
}

/** The whole flow, for a user who says yes to everything. */
export async function connect(
  app: Reachable,
  options: FlowOptions & { readonly user?: 'demo' | 'demo2'; readonly browser?: Browser } = {},
): Promise<Tokens> {
  const browser = options.browser ?? (await new Browser(app).signIn(options.user));
  const verifier = newVerifier();
  const { code } = await authorize(app, browser, verifier, options);
  const { clientId = STATIC_CLIENT, redirectUri = REDIRECT } = options;
  return tokensOf(await redeem(app, code, verifier, { client_id: clientId, redirect_uri: redirectUri }), clientId);
}

/** Registers a client of its own (RFC 7591). */
export async function register(app: Reachable, metadata: Record<string, unknown> = {}) {
  const response = await fetch(`${app.url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': someAddress() },
    body: JSON.stringify({ client_name: 'Test client', redirect_uris: [REDIRECT], ...metadata }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** What a tools/list at /mcp answers to a token. */
export async function callMcp(app: Reachable, token: string, body: unknown = { method: 'tools/list' }) {
  const response = await fetch(`${app.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...(body as object) }),
  });
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    body: (await response.json()) as Record<string, unknown>,
  };
}
