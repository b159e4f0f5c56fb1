import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LOUDEST, record } from './run-logs/run-logs.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 90_000;

/** The service in a process of its own, from its sources, as `npm start` runs it from dist/. */
export interface ServiceProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it wrote so far, both streams. */
  output(): string;
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Variables of the parent that must not reach a child: it is to see only what the test gives it. */
function cleanEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, ...extra };
}

/** Runs a TypeScript file of the repository in a process of its own. */
export function spawnTypeScript(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(process.execPath, ['--import', './test/support/typescript.mjs', file, ...args], {
    cwd: ROOT,
    env: cleanEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  record(child.stderr, file);
  return child;
}

/** Waits for the end of a child. @returns its exit code and its streams */
export async function completed(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/**
 * Starts src/main.ts (or another entry) and waits until it says that it is ready.
 * @throws Error with the process's output when it ends instead, or takes longer than 90 s
 */
export async function startServiceProcess(
  environment: Readonly<Record<string, string>>,
  entry = 'src/main.ts',
): Promise<ServiceProcess> {
  const child = spawnTypeScript(entry, [], { PORT: '0', NODE_ENV: 'development', ...environment, ...LOUDEST });
  record(child.stdout, entry);
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready in time:\n${output}`)), READY_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const ready = /"port":(\d+)[^\n]*"msg":"ready"/.exec(output);
      if (ready) {
        clearTimeout(late);
        resolve(Number(ready[1]));
      }
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('close', () => {
      clearTimeout(late);
      reject(new Error(`ended before it was ready:\n${output}`));
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    output: () => output,
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill(signal);
        await ended;
      }
      return { code: child.exitCode, signal: child.signalCode };
    },
  };
}
