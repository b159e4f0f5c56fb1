import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROBE = new URL('./probe.mjs', import.meta.url).href;
const READY_MS = 60_000;
/** One directory of logs for each process that starts servers; gone with it. */
const logs = mkdtempSync(join(tmpdir(), 'tradecafe-bench-logs-'));
process.once('exit', () => rmSync(logs, { recursive: true, force: true }));
let started = 0;
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The product, whole or without parts, runs as `npm start` and the image run it. */
const PRODUCT = new Set(['dist/main.js', 'bench/contenders/ours-without.mjs']);
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
export const PRODUCT_FLAGS = /exec node (?<flags>.*) dist\/main\.js$/.exec(scripts.start).groups.flags.split(' ');

/**
 * A server in a process of its own, listening.
 * @param script path below the repository's root
 * @param environment all that it gets besides PATH and HOME; PORT is added
 * @param options.flags of node
 */
export async function startServer(script, environment, { flags = [] } = {}) {
  // A file, as a production service's output goes somewhere, too.
  const log = join(logs, `${basename(script)}-${(started += 1)}.log`);
  const port = environment.PORT ?? (await freePort());
  const { PATH, HOME } = process.env;
  const output = openSync(log, 'a');
  const own = PRODUCT.has(script) ? PRODUCT_FLAGS : [];
  const child = spawn(process.execPath, [...own, ...flags, '--expose-gc', '--import', PROBE, script], {
    cwd: ROOT,
    env: { PATH, HOME, NODE_ENV: 'production', ...environment, PORT: String(port) },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ended = once(child, 'exit');
  await listening(port, child, script, log);
  return {
    url: `http://127.0.0.1:${port}`,
    port: Number(port),
    pid: child.pid,
    usage: (question = 'usage') => ask(child, question),
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function ask(child, question) {
  const answer = once(child, 'message');
  child.send(question);
  const [{ cpu, memory }] = await answer;
  return { cpuMicros: cpu.user + cpu.system, memory };
}

async function listening(port, child, script, log) {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${script} does not listen:\n${readFileSync(log, 'utf8').slice(-4_000)}`);
    }
    if (await answers(port)) return;
    await delay(25);
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
