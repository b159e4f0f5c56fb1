import type { Config } from '../../config/config.js';

/**
 * Where a browser without a session goes, and how it comes back.
 * @param path path and query on this service that the person wanted
 * @returns the login page's address with `next`: a path when it is on our origin, else an absolute address of ours, as
 * a path would lead nowhere on another host
 */
export function loginAddress({ session, publicUrl }: Pick<Config, 'session' | 'publicUrl'>, path: string): string {
  const login = new URL(session.loginUrl, publicUrl);
  const ours = login.origin === new URL(publicUrl).origin;
  login.searchParams.set('next', ours ? path : `${publicUrl}${path}`);
  return session.loginUrl.startsWith('/') ? `${login.pathname}${login.search}` : login.href;
}
