// How often a commit waits for the database, before its PUT is sent and after it.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { bearers, mintTokens, serviceEnvironment } from '../harness/identities.mjs';
import { callTool } from '../harness/load.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { startPostgresProxy } from '../harness/postgres-proxy.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { freePort, startServer } from '../harness/server-process.mjs';
import { median } from '../harness/statistics.mjs';

const COMMITS = quick ? 4 : 12;
const PUT = 'PUT';
const SIGNAL = 'sig_2026060402';
const users = Array.from({ length: COMMITS }, (_, index) => `usr_bench_${index}`);
/** Long enough for everything that goes on by itself to show: seals, heartbeats, leases. */
const IDLE_MS = 12_000;
/** Until the preview's own audit row is written. */
const FLUSH_MS = 300;

await micro(async (database) => {
  const url = await database.create('commits');
  const seen = [];
  const sandbox = await startSandboxServer(users);
  const proxy = await startPostgresProxy(url, (trip) => seen.push(trip));
  const upstream = await watch(sandbox.port, () => seen.push({ text: PUT }));
  const environment = serviceEnvironment(
    proxy.url,
    `http://127.0.0.1:${upstream.address().port}/api`,
    await freePort(),
  );
  const service = await startServer('dist/main.js', environment);
  try {
    const callers = bearers(await mintTokens(service.url, users));
    // The first one compiles statements, too.
    const first = await commit(service, callers[0], seen);
    await delay(IDLE_MS);
    const background = new Set(seen.slice(first.end).map(({ text }) => text));
    const counts = { before: [], after: [] };
    let shown;
    for (const caller of callers.slice(1)) {
      const { before, after } = split(await commit(service, caller, seen), seen, background);
      counts.before.push(before.length);
      counts.after.push(after.length);
      shown = { before, after };
    }
    return [
      { name: 'commit: database round trips before the PUT', limit: 2, ...counted(counts.before, shown.before) },
      { name: 'commit: database round trips after the PUT', limit: 1, ...counted(counts.after, shown.after) },
    ];
  } finally {
    await service.stop();
    await sandbox.stop();
    upstream.closeAllConnections();
    upstream.close();
    proxy.stop();
  }
});

/** Preview, then commit. @returns where the commit begins and ends among what was seen */
async function commit(service, headers, seen) {
  const ask = (args) =>
    callTool(service.url, 'legacy', {
      headers,
      name: 'approve_pending_trade',
      args: { signal_id: SIGNAL, ...args },
    });
  const preview = await ask({ dry_run: true });
  await delay(FLUSH_MS);
  const start = seen.length;
  const result = await ask({ dry_run: false, action_token: preview.structuredContent?.action_token });
  if (result.isError) throw new Error(`the commit failed: ${result.content[0].text}`);
  return { start, end: seen.length };
}

function split({ start, end }, seen, background) {
  const own = withoutBackground(seen.slice(start, end), background);
  const put = own.indexOf(PUT);
  return { before: own.slice(0, put), after: own.slice(put + 1) };
}

/** A transaction belongs to the commit when anything in it does; its BEGIN and COMMIT look like everybody's. */
function withoutBackground(events, background) {
  const isOwn = events.map(({ text }) => text === PUT || !background.has(text));
  for (const [index, { text, connection }] of events.entries()) {
    if (text !== 'BEGIN') continue;
    const rest = [...events.keys()].slice(index).filter((at) => events[at].connection === connection);
    const last = rest.findIndex((at) => events[at].text === 'COMMIT' || events[at].text === 'ROLLBACK');
    const transaction = last === -1 ? rest : rest.slice(0, last + 1);
    if (transaction.some((at) => isOwn[at])) for (const at of transaction) isOwn[at] = true;
  }
  return events.filter((_, index) => isOwn[index]).map(({ text }) => text);
}

function counted(counts, texts) {
  const short = texts.map((text) => text.replace(/\s+/g, ' ').trim().slice(0, 60));
  return { value: median(counts), unit: '', detail: short.map((text) => `\`${text}\``).join(', ') };
}

/** Passes requests on to the sandbox and tells of the writes among them. */
async function watch(port, onPut) {
  const server = createServer((request, response) => {
    if (request.method === 'PUT') onPut();
    const { method, url: path, headers } = request;
    const onward = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
