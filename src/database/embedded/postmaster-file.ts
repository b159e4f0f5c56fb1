import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processCommandLine } from '../../os/process-identity.js';

/** What a running server writes into its data directory (PostgreSQL's src/include/utils/pidfile.h). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** It accepts connections. */
  readonly ready: boolean;
}

/** Reads `postmaster.pid` of a server's data directory; undefined when there is none, or only its beginning yet. */
export function readPostmaster(directory: string): Postmaster | undefined {
  let text: string;
  try {
    text = readFileSync(postmasterFile(directory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

export function postmasterFile(directory: string): string {
  return join(directory, 'postmaster.pid');
}

/** Whether that pid is this directory's server, and not something else that got the pid later. */
export function isPostmaster(pid: number, directory: string): boolean {
  const command = processCommandLine(pid) ?? '';
  return command.includes('-D') && command.includes(directory);
}
