import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** How a program ended, and all that it said. */
export interface Ended {
  /** null: it was cut off. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of Node's to its end. @param boundMs after which it is killed */
export async function runProgram(
  node: string,
  args: readonly string[],
  boundMs: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(node, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    timeout: boundMs,
    killSignal: 'SIGKILL',
  });
  const code = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}
