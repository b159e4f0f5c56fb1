import type { Fetch } from './backend.js';

/** Marks a request that a person's call is the reason of: it may open a page in their browser. It stays in this process. */
export const ATTENDED_HEADER = 'x-tradecafe-attended';

/** Sends one token with every request, whatever becomes of it. */
export function bearerFetch(fetch: Fetch, token: string): Fetch {
  return (url, init) => fetch(url, withBearer(init, token));
}

/** The same request as it goes out: with the token, or without any. */
export function withBearer(init: RequestInit | undefined, token: string | undefined): RequestInit {
  const headers = new Headers(init?.headers);
  headers.delete(ATTENDED_HEADER);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}
