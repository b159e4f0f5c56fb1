// From the answer to a revocation until another instance refuses the token.
import { mintTokens, serviceEnvironment, signedIn } from '../harness/identities.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { freePort, startServer } from '../harness/server-process.mjs';
import { median, quantile } from '../harness/statistics.mjs';

const REVOCATIONS = quick ? 40 : 300;
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
const users = Array.from({ length: REVOCATIONS }, (_, index) => `usr_bench_${index}`);

await micro(async (database) => {
  const url = await database.create('revocation');
  const sandbox = await startSandboxServer(users);
  const start = async () =>
    startServer('dist/main.js', serviceEnvironment(url, `${sandbox.url}/api`, await freePort()));
  const [one, other] = [await start(), await start()];
  try {
    const latencies = [];
    for (const minted of await mintTokens(one.url, users)) latencies.push(await revoke(one, other, minted));
    return [
      {
        name: 'revocation, other instance, p99',
        value: quantile(latencies, 0.99),
        limit: 50,
        unit: 'ms',
        detail: `median ${median(latencies).toFixed(1)} ms of ${REVOCATIONS}`,
      },
    ];
  } finally {
    await one.stop();
    await other.stop();
    await sandbox.stop();
  }
});

/** @returns milliseconds from one instance's answer to the revocation to the first request that the other one refuses */
async function revoke(one, other, { user, id, token }) {
  const status = async () => (await list(other, token)).status;
  if ((await status()) !== 200) throw new Error('the token does not work at the other instance');
  const browser = await signedIn(one.url, user);
  await browser.remove(`/v1/tokens/${id}`);
  const revoked = performance.now();
  for (;;) {
    const started = performance.now();
    if ((await status()) === 401) return started - revoked;
    if (started - revoked > 10_000) throw new Error('the other instance never heard of it');
  }
}

function list(server, token) {
  return fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: LIST,
  }).then(async (response) => {
    await response.arrayBuffer();
    return response;
  });
}
