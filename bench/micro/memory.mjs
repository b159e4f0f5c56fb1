// What two hundred thousand calls leave behind.
import { bearers, mintTokens, serviceEnvironment } from '../harness/identities.mjs';
import { load } from '../harness/load.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { freePort, startServer } from '../harness/server-process.mjs';

/** Until the heap has once been as large as it gets: it is marked for the first time after some 40,000 calls. */
const WARM_UP = quick ? 2_000 : 60_000;
const CALLS = quick ? 5_000 : 200_000;
const CONNECTIONS = 16;
const users = Array.from({ length: CONNECTIONS }, (_, index) => `usr_bench_${index}`);

await micro(async (database) => {
  const url = await database.create('memory');
  const sandbox = await startSandboxServer(users);
  const service = await startServer('dist/main.js', serviceEnvironment(url, `${sandbox.url}/api`, await freePort()));
  const headers = bearers(await mintTokens(service.url, users));
  const half = async (leg, amount) => load(service.url, leg, { amount: amount / 2, connections: CONNECTIONS, headers });
  const calls = async (amount) => [await half('legacy', amount), await half('modern', amount)];
  try {
    await calls(WARM_UP);
    const before = (await service.usage('collect')).memory;
    await calls(CALLS);
    const after = (await service.usage('collect')).memory;
    const kept = ({ heapUsed, external }) => (heapUsed + external) / 1e6;
    return [
      {
        name: `memory after ${CALLS.toLocaleString('en')} calls, growth`,
        value: (after.rss - before.rss) / 1e6,
        limit: 10,
        unit: 'MB',
        detail: `resident, ${Math.round(after.rss / 1e6)} MB in the end; live objects grew by ${(kept(after) - kept(before)).toFixed(1)} MB`,
      },
    ];
  } finally {
    await service.stop();
    await sandbox.stop();
  }
});
