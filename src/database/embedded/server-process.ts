import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cleanEnvironment, commandLine, type LaunchPrefix } from './launch-command.js';
import type { PostgresBinaries } from './platform-package.js';
import { readPostmaster } from './postmaster-file.js';

/** What one attempt to start needs. */
export interface ServerOptions {
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly launch: LaunchPrefix;
  /** Undefined: a free one. */
  readonly port?: number;
}

/** A running PostgreSQL. */
export interface ServerProcess {
  readonly port: number;
  /** Ends it in order: sessions are cut, everything is on disk. Harmless when repeated. */
  stop(): Promise<void>;
  /** Resolves when it has ended, with what it last said. */
  readonly ended: Promise<string>;
}

const POLL_MS = 10;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const KEPT_OUTPUT = 8_000;
/** Reasons that go away: the processes of a crashed server end by themselves, another port is free. */
const PASSING = /pre-existing shared memory block|could not bind|Address already in use|lock file ".*" already exists/;
const RETRY_FOR_MS = 10_000;
const RETRY_EVERY_MS = 100;

/** Starts PostgreSQL on 127.0.0.1 and waits until it accepts connections (after a crash: has recovered). */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const deadline = performance.now() + RETRY_FOR_MS;
  for (;;) {
    const outcome = await attempt(options);
    if (typeof outcome !== 'string') return outcome;
    if (!PASSING.test(outcome) || performance.now() > deadline) {
      throw new Error(`The embedded database in ${options.directory} did not start: ${outcome}`);
    }
    await delay(RETRY_EVERY_MS);
  }
}

/** One attempt: the running server, or what PostgreSQL said instead. */
async function attempt(options: ServerOptions): Promise<ServerProcess | string> {
  const port = options.port ?? (await freePort());
  const child = spawnServer(options, port);
  const ended = collectEnd(child);
  const hasEnded = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (!hasEnded()) await stopServer(child, options);
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    if (hasEnded()) return ended;
    const postmaster = readPostmaster(options.directory);
    if (postmaster?.ready === true && postmaster.pid === child.pid) return { port, stop, ended };
    if (performance.now() > deadline) {
      await stop();
      return `it was not ready after ${START_TIMEOUT_MS / 1000} s. ${await ended}`;
    }
    await delay(POLL_MS);
  }
}

function spawnServer({ directory, binaries, launch }: ServerOptions, port: number): ChildProcess {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'shared_buffers=64MB', 'fsync=on'];
  const postgresArguments = ['-D', directory, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const [command, args] = commandLine(launch, binaries.postgres, postgresArguments);
  const child = spawn(command, args, {
    env: cleanEnvironment(),
    uid: launch.id,
    gid: launch.id,
    stdio: ['ignore', 'ignore', 'pipe'],
    // A session of its own: Ctrl-C must reach this process first, which finishes its requests and then stops the server.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  // Waiting for the server to end is no reason for this process to go on.
  child.unref();
  // Where the kernel does not do it: also an exit that nobody prepared for ends the server.
  const end = (): boolean => child.kill('SIGINT');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

/** Keeps draining the server's messages (it would block on a full pipe) and hands over the last ones when it ends. */
function collectEnd(child: ChildProcess): Promise<string> {
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    output = (output + chunk).slice(-KEPT_OUTPUT);
  });
  if (child.stderr !== null && 'unref' in child.stderr && typeof child.stderr.unref === 'function')
    child.stderr.unref();
  return new Promise((resolve) => {
    child.once('close', () => resolve(output.trim()));
    child.once('error', (error) => resolve(error.message));
  });
}

async function stopServer(child: ChildProcess, { directory, binaries }: ServerOptions): Promise<void> {
  child.ref();
  const exited = once(child, 'exit');
  // Windows has no signals: pg_ctl knows the way there.
  if (process.platform === 'win32') await promisify(execFile)(binaries.pgCtl, ['stop', '-D', directory, '-m', 'fast']);
  else child.kill('SIGINT');
  const inTime = await Promise.race([exited.then(() => true), delay(STOP_TIMEOUT_MS, false, { ref: false })]);
  if (inTime) return;
  // Immediate shutdown: the next start recovers from the write-ahead log.
  child.kill('SIGQUIT');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
