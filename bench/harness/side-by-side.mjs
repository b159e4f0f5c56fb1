import { isDeepStrictEqual } from 'node:util';
import { contenders } from './contenders.mjs';
import { bearers, mintTokens, serviceEnvironment, upstreamToken } from './identities.mjs';
import { callTool, load } from './load.mjs';
import { measured } from './measured.mjs';
import { startSandboxServer } from './sandbox-server.mjs';
import { freePort, startServer } from './server-process.mjs';

const CONNECTIONS = 16;
const users = Array.from({ length: CONNECTIONS }, (_, index) => `usr_bench_${index}`);

/** Every tool that reads, as it is called to compare results. */
const READS = {
  get_account_summary: {},
  get_recent_signals: {},
  get_positions: {},
  get_pnl_history: {},
  get_pool_status: {},
  get_subscription_status: {},
  get_referral_stats: {},
};

/**
 * All contenders in one run, in turns: round after round each gets the same counted load, and a round begins with another
 * one each time.
 * @param options.runIn calls before those that count, in each round: what lay still while the others had their turn is cold
 * @param options.say is told what goes on
 * @returns rows `{name, samples: [{cpuMicros, databaseMicros, perSecond, p50, p99, rssMb, upstreamCalls}]}`
 */
export async function sideBySide(database, { quick, warmUp, rounds, runIn, amount, say }) {
  const { rows, peers, ours } = contenders(quick);
  const sandbox = await startSandboxServer(users);
  const servers = new Map();
  try {
    for (const [name, peer] of peers) servers.set(name, await startPeer(peer, sandbox));
    for (const [name, composition] of ours) servers.set(name, await startOurs(composition, database, sandbox));
    await compareResults(servers, rows);
    const samples = new Map(rows.map(({ name }) => [name, []]));
    say('side by side: warming up');
    for (const { server, leg } of rows) await warm(servers.get(server), leg, warmUp);
    for (let round = 1; round <= rounds; round += 1) {
      say(`side by side: round ${round} of ${rounds}`);
      for (const row of rotated(rows, round)) {
        samples
          .get(row.name)
          .push(await measure(servers.get(row.server), row.leg, { runIn, amount, database, sandbox }));
      }
    }
    return rows.map(({ name }) => ({ name, samples: samples.get(name) }));
  } finally {
    for (const { server } of servers.values()) await server.stop();
    await sandbox.stop();
  }
}

async function startPeer({ script, environment = {} }, sandbox) {
  const server = await startServer(`bench/contenders/${script}.mjs`, {
    UPSTREAM_URL: `${sandbox.url}/api`,
    UPSTREAM_USER: users[0],
    UPSTREAM_AUTHORIZATION: `Bearer ${upstreamToken(users[0])}`,
    ...environment,
  });
  return { server, headers: undefined };
}

async function startOurs({ script, environment = {}, credentials }, database, sandbox) {
  const url = await database.create(`ours_${environment.WITHOUT ?? 'complete'}`);
  const server = await startServer(script, {
    ...serviceEnvironment(url, `${sandbox.url}/api`, await freePort()),
    USERS: JSON.stringify(users),
    ...environment,
  });
  const headers =
    credentials === 'token'
      ? bearers(await mintTokens(server.url, users))
      : users.map((user) => ({ 'x-bench-user': user }));
  return { server, headers, ours: true };
}

/** The same ten tools, the same results: whoever answers anything else is not measured. */
async function compareResults(servers, rows) {
  const [first] = rows;
  for (const [name, args] of Object.entries(READS)) {
    const ask = async ({ server, leg }) => {
      const { server: process, headers } = servers.get(server);
      return (await callTool(process.url, leg, { headers: headers?.[0], name, args })).structuredContent;
    };
    const expected = await ask(first);
    for (const row of rows) {
      if (!isDeepStrictEqual(await ask(row), expected)) throw new Error(`${row.name} answers ${name} differently`);
    }
  }
}

/** Until the compiler has seen what is hot. */
async function warm({ server, headers }, leg, amount) {
  await load(server.url, leg, { amount, connections: CONNECTIONS, headers });
}

async function measure({ server, headers, ours }, leg, { runIn, amount, database, sandbox }) {
  await load(server.url, leg, { amount: runIn, connections: CONNECTIONS, headers });
  const before = await sandbox.requests();
  const sample = await measured(server, ours ? database : undefined, amount, () =>
    load(server.url, leg, { amount, connections: CONNECTIONS, headers }),
  );
  return { ...sample, upstreamCalls: ((await sandbox.requests()) - before) / amount };
}

function rotated(rows, by) {
  const at = by % rows.length;
  return [...rows.slice(at), ...rows.slice(0, at)];
}
