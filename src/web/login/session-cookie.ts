import type { Config } from '../../config/config.js';

/**
 * `Set-Cookie` of the site's session, as mock mode's login page sets it.
 * @param maxAgeSeconds 0 deletes it
 */
export function sessionCookie(
  { session, publicUrl }: Pick<Config, 'session' | 'publicUrl'>,
  value: string,
  maxAgeSeconds: number,
): string {
  const attributes = [`${session.cookie}=${value}`, 'Path=/', `Max-Age=${maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax'];
  if (publicUrl.startsWith('https://')) attributes.push('Secure');
  return attributes.join('; ');
}
