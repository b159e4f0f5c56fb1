#!/usr/bin/env node
// `npm run check`: the checks beside one another, as many as there are processors. Each one's output comes whole, when it
// is done; the exit code is 1 when any failed.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Scripts of package.json, the longest first. */
const waiting = ['check:types', 'check:format', 'check:lint', 'check:unused', 'check:deps'];
const failed = [];

/** One check after the other, until none is waiting. */
async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { code, output } = await run(name);
    process.stdout.write(`${code === 0 ? 'passed' : 'FAILED'}: ${name}\n${output}`);
    if (code !== 0) failed.push(name);
  }
}

/** @returns the exit code, null when there is none, and what was written */
function run(name) {
  const child = spawn('npm', ['run', '--silent', name], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: `${error.message}\n` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
if (failed.length > 0) {
  process.stdout.write(`Failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
