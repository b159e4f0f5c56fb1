// From sending a revocation until another instance, which is asked all the time, refuses the token.
import { mintTokens, serviceEnvironment, signedIn } from '../harness/identities.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { freePort, startServer } from '../harness/server-process.mjs';
import { median, quantile } from '../harness/statistics.mjs';

const REVOCATIONS = quick ? 40 : 300;
/** Requests in flight at the other instance: the next one is on its way when an answer comes. */
const ASKERS = 3;
const GIVE_UP_MS = 10_000;
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
const users = Array.from({ length: REVOCATIONS }, (_, index) => `usr_bench_${index}`);

await micro(async (database) => {
  const url = await database.create('revocation');
  const sandbox = await startSandboxServer(users);
  const start = async () =>
    startServer('dist/main.js', serviceEnvironment(url, `${sandbox.url}/api`, await freePort()));
  const [one, other] = [await start(), await start()];
  try {
    const seen = [];
    for (const minted of await mintTokens(one.url, users)) seen.push(await revoke(one, other, minted));
    const column = (field) => seen.map((each) => each[field]);
    const late = column('letThroughMs');
    return [
      {
        name: 'revocation, other instance, p99',
        value: quantile(column('refusedMs'), 0.99),
        limit: 50,
        unit: 'ms',
        detail: `from sending it to the first refusal; median ${median(column('refusedMs')).toFixed(1)} ms of ${REVOCATIONS}, of it ${median(column('answeredMs')).toFixed(1)} ms until its own answer`,
      },
      {
        name: 'revocation, other instance: let through after its answer, at most',
        value: Math.max(...late),
        unit: 'ms',
        detail: `by ${late.filter((each) => each > 0).length} of ${REVOCATIONS} revocations`,
      },
    ];
  } finally {
    await one.stop();
    await other.stop();
    await sandbox.stop();
  }
});

/**
 * @returns milliseconds from sending the revocation: to its answer, and to the first refusal at the other instance; and how long
 *   after that answer a request still set out that was let through
 */
async function revoke(one, other, { user, id, token }) {
  const browser = await signedIn(one.url, user);
  // As many connections as will be used, and the token in the other instance's cache.
  const before = await Promise.all(Array.from({ length: ASKERS }, () => list(other, token)));
  if (before.some((status) => status !== 200)) throw new Error('the token does not work at the other instance');
  const answers = [];
  let answeredAt = Infinity;
  // Each asks until one of its requests that set out after the answer was refused.
  const ask = async () => {
    for (;;) {
      const startedAt = performance.now();
      const status = await list(other, token);
      answers.push({ startedAt, status, at: performance.now() });
      if (status === 401 && startedAt > answeredAt) return;
      if (startedAt > sentAt + GIVE_UP_MS) throw new Error('the other instance never heard of it');
    }
  };
  const sentAt = performance.now();
  const asking = Array.from({ length: ASKERS }, ask);
  const sending = browser.remove(`/v1/tokens/${id}`).then(() => (answeredAt = performance.now()));
  await Promise.all([sending, ...asking]);
  const letThrough = answers.filter(({ status }) => status === 200).map(({ startedAt }) => startedAt - answeredAt);
  return {
    answeredMs: answeredAt - sentAt,
    refusedMs: Math.min(...answers.filter(({ status }) => status === 401).map(({ at }) => at)) - sentAt,
    letThroughMs: Math.max(0, ...letThrough),
  };
}

/** @returns the status of the answer */
async function list(server, token) {
  const response = await fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: LIST,
  });
  await response.arrayBuffer();
  return response.status;
}
