#!/usr/bin/env node
// What `npm start` and `npm test` need before anything of the project can be imported: the dependencies the lock file
// names, the generated Prisma client and (with --build) an up-to-date dist/. Each step is skipped when its inputs have
// not changed since it last succeeded, so that a second start costs milliseconds. Plain Node: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamps = join(root, 'node_modules', '.cache', 'tradecafe-mcp');
process.chdir(root);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    `Node ${process.versions.node} is too old: install Node 20.19 or newer (the current LTS is best), then run this again.`,
  );
}

/** Runs a command with its output on stderr, so that stdout stays the program's own. */
function run(command, args) {
  const result = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0)
    fail(`\`${command} ${args.join(' ')}\` failed${result.error ? `: ${result.error.message}` : ''}.`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function* files(path) {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = join(path, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'generated') yield* files(full);
    } else if (!entry.name.includes('.spec.')) yield full;
  }
}

/** Runs `action` unless `output` exists and the same inputs were seen at its last success. */
function step(name, inputs, output, action) {
  const hash = createHash('sha256').update(process.version);
  for (const file of inputs) hash.update(file).update('\0').update(readFileSync(file));
  const digest = hash.digest('hex');
  const stamp = join(stamps, name);
  const done = () => existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
  if (done()) return;
  const release = takeTurn();
  try {
    // Somebody else may have done it while we waited: the service and a command beside it start at once.
    if (done()) return;
    action();
    mkdirSync(stamps, { recursive: true });
    writeFileSync(stamp, digest);
  } finally {
    release();
  }
}

/** Lets one process at a time change node_modules, generated code and dist/. Returns the release. */
function takeTurn() {
  const lock = join(root, '.prepare.lock');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      const release = () => rmSync(lock, { force: true });
      process.once('exit', release);
      return release;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isDead(lock)) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

/** Whether the process that holds the lock is gone without having released it. */
function isDead(lock) {
  let pid;
  try {
    pid = Number(readFileSync(lock, 'utf8'));
  } catch {
    // Released in this very moment.
    return false;
  }
  // Between creating the file and writing it, its content is empty: that is somebody alive.
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
step('install', ['package-lock.json'], 'node_modules/.package-lock.json', () => {
  process.stderr.write('Installing what package-lock.json names (once, about a minute)…\n');
  // No package needs its install script; not running any is one thing less to trust.
  run(npm, ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
});
step(
  'generate',
  ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
  'src/generated/prisma/client.ts',
  () => run(process.execPath, ['node_modules/prisma/build/index.js', 'generate', '--no-hints']),
);
if (process.argv.includes('--build')) {
  const inputs = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', 'prisma/schema.prisma'];
  step('build', [...inputs, ...files('src')], 'dist/main.js', () => {
    process.stderr.write('Building…\n');
    run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build']);
  });
}
