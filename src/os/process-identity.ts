import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Tells a process from a later one with the same pid: a string that is the same for as long as the process lives.
 * @returns undefined when there is no such process (a zombie is none)
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxIdentity(pid);
  return process.platform === 'win32'
    ? output('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`])
    : output('ps', ['-o', 'lstart=', '-p', String(pid)]);
}

/** The command line of a process, its arguments separated by spaces; undefined when there is no such process. */
export function processCommandLine(pid: number): string | undefined {
  if (process.platform === 'linux') return readProc(pid, 'cmdline')?.replaceAll('\0', ' ');
  const query = `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`;
  return process.platform === 'win32'
    ? output('powershell', ['-NoProfile', '-Command', query])
    : output('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
}

/** Boot id and start time in clock ticks since boot: proc(5), field 22 of /proc/PID/stat; field 3 is the state. */
function linuxIdentity(pid: number): string | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The name, field 2, is in parentheses and may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', startTime] = [fields[0], fields[19]];
  if ('ZX'.includes(state) || startTime === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTime}`;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH'].includes(code)) return undefined;
    throw error;
  }
}

function output(program: string, args: string[]): string | undefined {
  const result = spawnSync(program, args, { encoding: 'utf8', windowsHide: true });
  const text = result.status === 0 ? result.stdout.trim() : '';
  return text === '' ? undefined : text;
}
