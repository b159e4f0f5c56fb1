import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioServerTransport as ModernTransport } from '@modelcontextprotocol/server/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioServerTransport as LegacyTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { CallResult, McpClient } from '../../support/mcp.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A person's machine: a home, a temporary directory, and a "browser" that only writes down what it should open. */
export class Machine {
  private constructor(readonly home: string) {}

  static async create(): Promise<Machine> {
    const home = await mkdtemp(join(tmpdir(), 'tradecafe-machine-'));
    const machine = new Machine(home);
    await mkdir(join(home, 'bin'));
    await mkdir(machine.temporary);
    for (const name of ['xdg-open', 'open']) {
      const file = join(home, 'bin', name);
      await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$1" >> "${home}/opened"\n`);
      await chmod(file, 0o755);
    }
    return machine;
  }

  get environment(): Record<string, string> {
    return { HOME: this.home, TMPDIR: this.temporary, PATH: `${join(this.home, 'bin')}:${process.env.PATH}` };
  }

  get tokenFile(): string {
    return join(this.home, '.tradecafe', 'tokens.json');
  }

  /** The addresses that a browser was asked to open, oldest first. */
  async opened(): Promise<string[]> {
    const text = await readFile(join(this.home, 'opened'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }

  /** Directories that stdio processes made and have not removed. */
  async leftovers(): Promise<string[]> {
    return (await readdir(this.temporary)).filter((name) => name.startsWith('tradecafe-stdio-'));
  }

  /** Process ids of every PostgreSQL below the temporary directory. */
  async postgres(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
    const lines = await Promise.all(
      pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
    );
    return lines.filter(([, line]) => line.includes('postgres') && line.includes(this.temporary)).map(([pid]) => pid);
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true, maxRetries: 10 });
  }

  private get temporary(): string {
    return join(this.home, 'tmp');
  }
}

/** How a person answers a form. */
export interface Answer {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content?: Record<string, boolean>;
}

/** How to start the program, and who answers. */
export interface StdioOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Arguments of Node before the program. */
  readonly nodeArguments?: readonly string[];
  /** Asked for each form; absent: the client cannot show one. */
  readonly answer?: () => Answer;
}

/** The program, and both ends of its pipes. */
export class StdioProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private out = '';
  private err = '';

  constructor({ environment, nodeArguments = [] }: StdioOptions) {
    this.child = spawn(
      process.execPath,
      ['--import', './test/support/typescript.mjs', ...nodeArguments, 'src/stdio.ts'],
      {
        cwd: ROOT,
        env: { ...environment },
        stdio: 'pipe',
      },
    );
    this.child.stdout.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    this.child.stderr.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    // It may end before it has read everything.
    this.child.stdin.on('error', () => undefined);
  }

  /** All that came on standard output, line by line. */
  lines(): string[] {
    return this.out.split('\n').filter(Boolean);
  }

  /** All that came on standard error. */
  errors(): string {
    return this.err;
  }

  send(...messages: readonly object[]): void {
    for (const message of messages) this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Closes its standard input, as a client that leaves does. @returns how it ended */
  end(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.stdin.end();
    return this.ended();
  }

  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }
}

/** A real client over a process of its own. */
export interface StdioClient extends McpClient {
  readonly process: StdioProcess;
  /** What the forms asked. */
  readonly asked: readonly string[];
  /** Calls, and gives up when the signal says so. */
  callUntil(signal: AbortSignal | undefined, name: string, args?: Record<string, unknown>): Promise<CallResult>;
}

const INFO = { name: 'test-host', version: '1.2.3' };
const PATIENCE = { timeout: 90_000 };

/** SDK v1: the 2025 handshake. */
export async function legacyStdio(options: StdioOptions): Promise<StdioClient> {
  const { answer } = options;
  const asked: string[] = [];
  const client = new LegacyClient(INFO, { capabilities: answer === undefined ? {} : { elicitation: {} } });
  if (answer !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.message);
      return { ...answer() };
    });
  }
  const running = new StdioProcess(options);
  // The framing is the same in both directions: this reads what the program writes.
  const transport = new LegacyTransport(running.child.stdout, running.child.stdin);
  await client.connect(transport, PATIENCE);
  const callUntil: StdioClient['callUntil'] = async (signal, name, args = {}) =>
    (await client.callTool({ name, arguments: args }, undefined, { ...PATIENCE, signal })) as CallResult;
  return {
    protocolVersion: '2025-11-25',
    process: running,
    asked,
    callUntil,
    listTools: async () => (await client.listTools({}, PATIENCE)).tools,
    call: (name, args) => callUntil(undefined, name, args),
    close: () => leave(client, running),
  };
}

/** SDK v2, pinned to the revision without a handshake. */
export async function modernStdio(options: StdioOptions): Promise<StdioClient> {
  const { answer } = options;
  const asked: string[] = [];
  const client = new ModernClient(INFO, {
    capabilities: answer === undefined ? {} : { elicitation: { form: {} } },
    versionNegotiation: { mode: { pin: '2026-07-28' }, probe: { timeoutMs: PATIENCE.timeout } },
  });
  if (answer !== undefined) {
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return { ...answer() };
    });
  }
  const running = new StdioProcess(options);
  await client.connect(new ModernTransport(running.child.stdout, running.child.stdin), PATIENCE);
  const callUntil: StdioClient['callUntil'] = async (signal, name, args = {}) =>
    (await client.callTool({ name, arguments: args }, { ...PATIENCE, signal })) as CallResult;
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    process: running,
    asked,
    callUntil,
    listTools: async () => (await client.listTools({}, PATIENCE)).tools,
    call: (name, args) => callUntil(undefined, name, args),
    close: () => leave(client, running),
  };
}

/** Not the SDK's way out, which kills after four seconds: on a busy machine that would be a test of the machine. */
async function leave(client: { close(): Promise<void> }, running: StdioProcess): Promise<void> {
  await running.end();
  await client.close();
}

/** Both clients, to run a suite once in each era. */
export const STDIO_ERAS = [
  ['SDK v1, 2025-11-25', legacyStdio],
  ['SDK v2, 2026-07-28', modernStdio],
] as const;
