// What metrics and traces cost: the same server with and without them, in turns, by its own CPU time.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { bearers, mintTokens, serviceEnvironment } from '../harness/identities.mjs';
import { callTool, load } from '../harness/load.mjs';
import { measured } from '../harness/measured.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { freePort, startServer } from '../harness/server-process.mjs';
import { ratios, spread } from '../harness/statistics.mjs';

/**
 * Many short rounds: a neighbour that comes or goes is then the same for both sides of nearly every ratio. Several pairs of processes:
 * two of the same code differ by some per cent for as long as they live, by what their compilers happened to see first. And they are
 * long warm: what is on is more code to compile, which is what it costs a service of some thousand calls.
 */
const { pairs, warmUp, rounds, amount } = quick
  ? { pairs: 1, warmUp: 1_000, rounds: 6, amount: 200 }
  : { pairs: 4, warmUp: 12_000, rounds: 20, amount: 500 };
/** Calls before those that count, in each round: what lay still while the other had its turn is cold. */
const RUN_IN = 100;
/** Rounds from one scrape to the next: some seconds, where Prometheus would take fifteen. */
const SCRAPE_EVERY = 5;
const CONNECTIONS = 16;
const SAMPLED = '0.01';
const users = Array.from({ length: CONNECTIONS }, (_, index) => `usr_bench_${index}`);

/** Takes spans as a collector would; in this process, so that its work is nobody's CPU that is counted. */
async function startCollector() {
  const seen = { exports: 0 };
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      seen.exports += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  };
  return { url: `http://127.0.0.1:${server.address().port}`, seen, stop };
}

const LEGS = ['legacy', 'modern'];

await micro(async (database) => {
  const sandbox = await startSandboxServer(users);
  const collector = await startCollector();
  const samples = Object.fromEntries(LEGS.map((leg) => [leg, { off: [], on: [] }]));
  try {
    for (let pair = 1; pair <= pairs; pair += 1) {
      await measurePair({ database, sandbox, collector, pair }, samples);
    }
  } finally {
    await collector.stop();
    await sandbox.stop();
  }
  if (collector.seen.exports === 0) throw new Error('no span was exported: what was measured had no traces');
  return LEGS.map((leg) => {
    const { off, on } = samples[leg];
    const { median, low, high } = spread(ratios(on, off));
    const [without, with_] = [spread(off).median.toFixed(0), spread(on).median.toFixed(0)];
    return {
      name: `metrics, and traces at 1 % sampling, on ÷ off, CPU per call, ${leg} leg`,
      value: median,
      limit: 1.1,
      unit: '',
      detail: `half of ${on.length} rounds of ${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of processes between ${low.toFixed(3)} and ${high.toFixed(3)}; ${without} and ${with_} µs`,
    };
  });
});

/** Two servers that live side by side for some rounds of each leg. Adds CPU microseconds a call to `samples`. */
async function measurePair({ database, sandbox, collector, pair }, samples) {
  const metrics = `127.0.0.1:${await freePort()}`;
  const servers = [];
  const start = async (name, environment) => {
    const url = await database.create(`telemetry_${name}_${pair}`);
    const server = await startServer('dist/main.js', {
      ...serviceEnvironment(url, `${sandbox.url}/api`, await freePort()),
      ...environment,
    });
    servers.push(server);
    return { name, server, headers: bearers(await mintTokens(server.url, users)) };
  };
  const put = ({ server, headers }, leg, calls) =>
    load(server.url, leg, { amount: calls, connections: CONNECTIONS, headers });
  try {
    const off = await start('off', {});
    const on = await start('on', {
      METRICS_ADDRESS: metrics,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: SAMPLED,
    });
    for (const leg of LEGS) {
      for (const each of [off, on]) {
        await callTool(each.server.url, leg, { headers: each.headers[0], name: 'get_positions', args: {} });
        await put(each, leg, warmUp);
      }
      for (let round = 0; round < rounds; round += 1) {
        // Another one first each time.
        for (const each of (round + pair) % 2 === 0 ? [off, on] : [on, off]) {
          await put(each, leg, RUN_IN);
          const { cpuMicros } = await measured(each.server, undefined, amount, async () => {
            await put(each, leg, amount);
            // As Prometheus would, in the load that pays for it.
            if (each === on && round % SCRAPE_EVERY === 0) await scrape(metrics);
          });
          samples[leg][each.name].push(cpuMicros);
        }
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function scrape(address) {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  if (!text.includes('mcp_server_operation_duration_seconds_count{')) throw new Error('no call is in the metrics');
}
