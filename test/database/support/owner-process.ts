import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A running `embedded-owner.ts`. */
export interface OwnerProcess {
  readonly process: ChildProcess;
  /** Address of its database; empty when it was refused. */
  readonly url: string;
  /** Why it was refused. */
  readonly error: string | undefined;
  /** Ends it in order and waits for that. */
  end(): Promise<void>;
  /** SIGKILL, and waits for the process (not for its server) to be gone. */
  kill(): Promise<void>;
}

const LOADER = new URL('../../support/typescript.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./embedded-owner.ts', import.meta.url));

/** Starts a second process on `dataDir` and waits until it is ready or refused. */
export async function startOwner(dataDir: string, options: SpawnOptions = {}): Promise<OwnerProcess> {
  const child = spawn(process.execPath, ['--import', LOADER, PROGRAM, dataDir], {
    ...options,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let output = '';
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    if (output.endsWith('\n')) break;
  }
  const { url = '', error } = JSON.parse(output || '{"error":"no output"}') as { url?: string; error?: string };
  const end = async (signal?: 'SIGKILL'): Promise<void> => {
    if (signal === undefined) child.stdin?.end();
    else child.kill(signal);
    await exited;
  };
  return { process: child, url, error, end, kill: () => end('SIGKILL') };
}
