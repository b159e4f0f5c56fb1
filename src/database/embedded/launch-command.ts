import { spawnSync } from 'node:child_process';

/** How to run a program of PostgreSQL: what to spawn before it, and as whom. */
export interface LaunchPrefix {
  /** A program and arguments that the real command line is appended to; may be empty. */
  readonly prefix: readonly string[];
  /** Set: spawn with this user and group id. */
  readonly id: number | undefined;
  /** Who must own the data directory on disk; undefined: whoever runs this process. */
  readonly owner: number | undefined;
}

/** `nobody` and `nogroup` on every Linux distribution. */
const NOBODY = 65534;
const USER_NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
/** SIGINT is PostgreSQL's fast shutdown. The setting survives exec, so it holds for PostgreSQL itself. */
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'INT'];

/**
 * PostgreSQL refuses to run as root, and must not outlive this process, however it ends:
 * - as root, a user namespace makes root look like `nobody` to PostgreSQL alone; it still reads what root reads, below
 *   /root too. Where namespaces are forbidden (most containers), it really becomes `nobody`.
 * - on Linux the kernel signals it when this process dies. Elsewhere the next start stops what was left behind.
 */
export function launchPrefix(): LaunchPrefix {
  const dieWithParent = process.platform === 'linux' && works(DIE_WITH_PARENT) ? DIE_WITH_PARENT : [];
  if (process.getuid?.() !== 0) return { prefix: dieWithParent, id: undefined, owner: undefined };
  if (process.platform === 'linux' && works(USER_NAMESPACE)) {
    return { prefix: [...USER_NAMESPACE, ...dieWithParent], id: undefined, owner: 0 };
  }
  return { prefix: dieWithParent, id: NOBODY, owner: NOBODY };
}

function works(prefix: readonly string[]): boolean {
  const [program = '', ...args] = prefix;
  return spawnSync(program, [...args, 'true'], { stdio: 'ignore' }).status === 0;
}

/** The full command line of `program` behind a prefix, as `spawn` wants it. */
export function commandLine(launch: LaunchPrefix, program: string, args: readonly string[]): [string, string[]] {
  const [command = program, ...rest] = [...launch.prefix, program, ...args];
  return [command, rest];
}

/** The environment for PostgreSQL's programs: ours without PG* variables, which would change what they do. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')));
}
