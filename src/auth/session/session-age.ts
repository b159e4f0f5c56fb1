import type { Config } from '../../config/config.js';
import type { CurrentSession } from './session.js';

/**
 * Whether a site session is young enough to hand out `write:trades`, to an app or to a token: a browser that was left
 * signed in must not be enough for that.
 */
export function mayGrantWrites({ issuedAt }: CurrentSession, { oauth }: Pick<Config, 'oauth'>): boolean {
  return Date.now() - issuedAt.getTime() <= oauth.writeGrantMaxSessionAgeSeconds * 1000;
}
