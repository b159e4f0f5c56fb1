#!/usr/bin/env node
// `npm run bench`: everything docs/performance.md promises, measured on this machine in one run, beside the peers.
// It writes bench/report.md and report.json, and the capacity table of docs/operations.md.
//   --quick   fewer rounds, rows and contenders: some minutes, for a look; writes report.quick.md and .json, which git ignores
//   --only X  the side-by-side run (side-by-side), or one file of bench/micro; writes nothing
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

const BENCH = fileURLToPath(new URL('.', import.meta.url));
const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const settings = options.quick
  ? { quick: true, warmUp: 500, rounds: 3, runIn: 100, amount: 200 }
  : { quick: false, warmUp: 10_000, rounds: 9, runIn: 300, amount: 1_000 };
const say = (text) => process.stderr.write(`${text}\n`);

installPeers();
const { budgetsAmong, budgetsOf, isBudget } = await import('./harness/budgets.mjs');
const { writeCapacity } = await import('./harness/capacity.mjs');
const { startDatabase } = await import('./harness/database.mjs');
const { machine, versions } = await import('./harness/machine.mjs');
const { reportData, reportText } = await import('./harness/report.mjs');
const { PRODUCT_FLAGS } = await import('./harness/server-process.mjs');
const { sideBySide } = await import('./harness/side-by-side.mjs');

const directory = mkdtempSync(join(tmpdir(), 'tradecafe-bench-'));
const startedOn = machine();
const database = await startDatabase(directory);
try {
  const wanted = (name) => options.only === undefined || options.only === name;
  const rows = wanted('side-by-side') ? await sideBySide(database, { ...settings, say }) : [];
  const measures = [];
  const broken = [];
  for (const name of microBenchmarks().filter(wanted)) {
    const measured = await runMicro(name);
    // What the others took a quarter of an hour to find out is not thrown away.
    if (measured === undefined) broken.push(name);
    else measures.push(...measured);
  }
  const budgets = [...(rows.length > 0 ? budgetsOf(rows) : []), ...budgetsAmong(measures)];
  const others = measures.filter((measure) => !isBudget(measure));
  const data = reportData({
    machine: startedOn,
    versions: versions(),
    postgres: database.version,
    settings,
    rows,
    budgets,
    measures: others,
    broken,
  });
  const text = reportText(data);
  process.stdout.write(text);
  if (options.only === undefined) {
    const report = join(BENCH, options.quick ? 'report.quick' : 'report');
    writeFileSync(`${report}.md`, text);
    writeFileSync(`${report}.json`, `${JSON.stringify(data, null, 2)}\n`);
    if (!options.quick) writeCapacity(join(BENCH, '../docs/operations.md'), data);
  }
} finally {
  await database.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** The peers have a package of their own: the product does not depend on them. */
function installPeers() {
  const stamp = join(BENCH, 'node_modules/.bench-lock.json');
  const lock = readFileSync(join(BENCH, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('Installing the peers that bench/package-lock.json names…');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync(npm, args, { cwd: BENCH, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('the peers could not be installed');
  writeFileSync(stamp, lock);
}

function microBenchmarks() {
  return readdirSync(join(BENCH, 'micro')).map((file) => basename(file, '.mjs'));
}

/** In a process of its own: what one measures is not to warm up, or fill up, the next. */
async function runMicro(name) {
  say(name);
  const child = spawn(
    process.execPath,
    [...PRODUCT_FLAGS, '--expose-gc', '--disable-warning=ExperimentalWarning', join(BENCH, 'micro', `${name}.mjs`)],
    {
      env: {
        ...process.env,
        DATABASE_URL: database.url,
        BENCH_POSTGRES: database.directory ?? '',
        BENCH_QUICK: String(settings.quick),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) {
    say(`${name} failed`);
    process.exitCode = 1;
    return undefined;
  }
  return JSON.parse(output.trim().split('\n').at(-1));
}
