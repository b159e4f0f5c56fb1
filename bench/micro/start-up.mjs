// From the command to the line that says ready.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceEnvironment } from '../harness/identities.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { freePort, PRODUCT_FLAGS, ROOT } from '../harness/server-process.mjs';
import { median } from '../harness/statistics.mjs';

const STARTS = quick ? 1 : 11;

await micro(async (database) => {
  const url = await database.create('start');
  const service = serviceEnvironment(url, 'http://127.0.0.1:9/api', await freePort());
  const plain = await times(process.execPath, [...PRODUCT_FLAGS, 'dist/main.js'], {
    NODE_ENV: 'production',
    ...service,
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'tradecafe-bench-start-'));
  const npm = await times('npm', ['start'], { DATA_DIR: dataDir, PORT: '0' });
  rmSync(dataDir, { recursive: true, force: true });
  return [
    { name: '`node dist/main.js` to ready, existing database', ...seconds(plain), limit: 1.5 },
    { name: '`npm start` again on a built checkout, embedded database', ...seconds(npm), limit: 4 },
  ];
});

/** The first start makes what later ones find: it does not count. */
async function times(command, args, environment) {
  const all = [];
  for (let start = 0; start <= STARTS; start += 1) all.push(await startOnce(command, args, environment));
  return all.slice(1);
}

async function startOnce(command, args, environment) {
  const { PATH, HOME } = process.env;
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (output.includes('"msg":"ready"')) break;
  }
  const milliseconds = performance.now() - started;
  if (!output.includes('"msg":"ready"')) throw new Error(`${command} did not become ready:\n${output}`);
  child.stdout.resume();
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return milliseconds;
}

function seconds(milliseconds) {
  const each = milliseconds.map((value) => value / 1_000);
  const [fastest, slowest] = [Math.min(...each), Math.max(...each)];
  return { value: median(each), unit: 's', detail: `${fastest.toFixed(2)} to ${slowest.toFixed(2)} s` };
}
