// The one test-server.ts process of a Jest run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

let server;

/** Starts it and returns its first line: `{url, template, prefix}`, or `{error}` when there is no database to be had. */
export async function startTestServer() {
  const [loader, program] = ['./typescript.mjs', './test-server.ts'].map((path) => new URL(path, import.meta.url));
  server = spawn(process.execPath, ['--import', loader.href, fileURLToPath(program)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A session of its own: Ctrl-C ends Jest, and the end of Jest ends the server.
    detached: true,
  });
  let output = '';
  for await (const chunk of server.stdout) {
    output += chunk;
    if (output.endsWith('\n')) return JSON.parse(output);
  }
  return { error: 'The test database server ended before it was ready.' };
}

/** Ends it; when this resolves nothing of it is left. */
export async function stopTestServer() {
  if (server === undefined || server.exitCode !== null) return;
  const exited = once(server, 'exit');
  server.stdin.end();
  await exited;
}
