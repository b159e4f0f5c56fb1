import { SECRETS } from './identities.mjs';
import { startServer } from './server-process.mjs';

/** The stand-in for pwa-be in a process of its own, with these users. */
export async function startSandboxServer(users) {
  const server = await startServer('bench/harness/sandbox.mjs', { ...SECRETS, USERS: JSON.stringify(users) });
  return {
    ...server,
    /** Requests that have reached `/api` so far. */
    async requests() {
      const { counts } = await (await fetch(`${server.url}/__sandbox/requests`)).json();
      return counts.reads + counts.writes;
    },
  };
}
