import type { UserDirectory } from '../auth/user-directory.js';
import type { Config } from '../config/config.js';
import { DEMO_USERS } from '../config/demo.js';
import { PwaBeClient } from '../pwa-be/pwa-be.client.js';
import { PwaBeUserDirectory } from '../pwa-be/pwa-be-user-directory.js';

/** A directory and how to be done with it. */
export interface OpenUserDirectory {
  readonly directory: UserDirectory;
  close(): Promise<void>;
}

/** pwa-be where it is configured; otherwise the demo users, as the bundled sandbox of a running server has no fixed port. */
export function openUserDirectory({ pwaBe, secrets }: Pick<Config, 'pwaBe' | 'secrets'>): OpenUserDirectory {
  if (pwaBe.baseUrl === undefined) {
    const names = new Map(DEMO_USERS.map(({ id, displayName }) => [id, { username: displayName }]));
    return { directory: { describe: (userId) => Promise.resolve(names.get(userId)) }, close: () => Promise.resolve() };
  }
  const { baseUrl, jwtClaims, timeoutMs, tls } = pwaBe;
  const client = new PwaBeClient({ baseUrl, jwtSecret: secrets.pwaBeJwtSecret, jwtClaims, timeoutMs, tls });
  return { directory: new PwaBeUserDirectory(client), close: () => client.onApplicationShutdown() };
}
