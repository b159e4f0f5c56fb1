// What a `subscriptions/listen` stream costs in memory while nothing is told on it.
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { bearers, mintTokens, serviceEnvironment } from '../harness/identities.mjs';
import { load } from '../harness/load.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { freePort, startServer } from '../harness/server-process.mjs';

const STREAMS = quick ? 500 : 2_000;
const WARM_UP = 200;
/** Ordinary calls before: until Node's young generation is as large as it gets, which else the streams would be charged for. */
const CALLS = quick ? 1_000 : 10_000;
/** As many streams as one credential may have, at most. */
const STREAMS_PER_USER = 25;
const SETTLE_MS = quick ? 1_000 : 3_000;
const REVISION = '2026-07-28';
const META = 'io.modelcontextprotocol';
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'subscriptions/listen',
  params: {
    notifications: { resourceSubscriptions: ['tradecafe://signals/live', 'tradecafe://positions/open'] },
    _meta: {
      [`${META}/protocolVersion`]: REVISION,
      [`${META}/clientInfo`]: { name: 'bench', version: '1' },
      [`${META}/clientCapabilities`]: {},
    },
  },
});
const users = Array.from({ length: Math.ceil(STREAMS / STREAMS_PER_USER) }, (_, index) => `usr_bench_${index}`);

/** One stream on a connection of its own, acknowledged. */
async function listen(url, authorization) {
  const sent = request(`${url}/mcp`, {
    method: 'POST',
    agent: false,
    headers: {
      ...authorization,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': REVISION,
      'mcp-method': 'subscriptions/listen',
    },
  });
  sent.end(BODY);
  const [response] = await once(sent, 'response');
  const [first] = await once(response.setEncoding('utf8'), 'data');
  if (!first.includes('positions/open')) throw new Error(`not acknowledged: ${response.statusCode} ${first}`);
  response.resume().on('error', () => undefined);
  return response;
}

async function open(url, headers, amount) {
  const streams = [];
  for (let index = 0; index < amount; index += 1) streams.push(await listen(url, headers[index % headers.length]));
  return streams;
}

await micro(async (database) => {
  const url = await database.create('idle_streams');
  const sandbox = await startSandboxServer(users);
  const service = await startServer('dist/main.js', serviceEnvironment(url, `${sandbox.url}/api`, await freePort()));
  const headers = bearers(await mintTokens(service.url, users));
  const used = async () => {
    await delay(SETTLE_MS);
    await service.usage('collect');
    return (await service.usage('collect')).memory;
  };
  let streams = [];
  try {
    await load(service.url, 'modern', { amount: CALLS, connections: 16, headers });
    for (const stream of await open(service.url, headers, WARM_UP)) stream.destroy();
    const before = await used();
    streams = await open(service.url, headers, STREAMS);
    const after = await used();
    const each = (...fields) => {
      const sum = (memory) => fields.reduce((total, field) => total + memory[field], 0);
      return (sum(after) - sum(before)) / STREAMS / 1024;
    };
    // The larger one: objects find room in pages that are resident already, and a page is resident for whatever asked for it first.
    const [live, resident] = [each('heapUsed', 'external'), each('rss')];
    return [
      {
        name: 'idle listen stream, memory',
        value: Math.max(live, resident),
        limit: 32,
        unit: 'KB',
        detail: `over ${STREAMS.toLocaleString('en')} streams of ${users.length} users: ${live.toFixed(1)} KB of objects and buffers, ${resident.toFixed(1)} KB resident`,
      },
    ];
  } finally {
    for (const stream of streams) stream.destroy();
    await service.stop();
    await sandbox.stop();
  }
});
