import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';

/** What an image would be, unpacked: its file system, and how its process is started. */
export interface RehearsedImage {
  /** The image's `/`. */
  readonly root: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The image's user is not root. */
  readonly user: string | undefined;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Stage {
  readonly name: string;
  readonly root: string;
  workdir: string;
  user: string | undefined;
  readonly environment: Record<string, string>;
  command: readonly string[];
  healthCheck: readonly string[];
}

/** Nobody, in every Debian. */
const UNPRIVILEGED = 65534;
const amRoot = process.getuid?.() === 0;
/** How this machine reaches the package registry: an engine has its own ways to, of which the Dockerfile says nothing. */
const NETWORK = [
  'NODE_EXTRA_CA_CERTS',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/**
 * Carries a Dockerfile out without an engine: every COPY and RUN in a scratch folder, as an unprivileged user. It knows only
 * the instructions that our Dockerfile has, and refuses others. The base image is this machine: its Node and its C library.
 * @param context a folder with the files that the build may see
 * @throws Error with the output of the command that failed
 */
export function rehearseImage(dockerfile: string, context: string): RehearsedImage {
  const scratch = mkdtempSync(join(tmpdir(), 'tradecafe-image-'));
  const home = join(scratch, 'home');
  mkdirSync(home);
  own(scratch);
  own(home);
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    step(instruction, stages, { scratch, home, context });
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error('The Dockerfile has no FROM.');
  return last;
}

interface Place {
  readonly scratch: string;
  readonly home: string;
  readonly context: string;
}

function step(instruction: Instruction, stages: Stage[], place: Place): void {
  const stage = stages.at(-1);
  const keyword = instruction.getKeyword();
  const words = instruction.getArguments().map((argument) => argument.getValue());
  if (keyword === 'ARG') return;
  if (keyword === 'FROM') {
    const name = words[2] ?? String(stages.length);
    const root = join(place.scratch, name);
    mkdirSync(root);
    own(root);
    stages.push({ name, root, workdir: '/', user: undefined, environment: {}, command: [], healthCheck: [] });
    return;
  }
  if (stage === undefined) throw new Error(`${keyword} stands before FROM.`);
  switch (keyword) {
    case 'WORKDIR':
      stage.workdir = words[0]!;
      mkdirSync(inside(stage, '.'), { recursive: true });
      own(inside(stage, '.'));
      return;
    case 'ENV':
      for (const word of words) {
        const [, name, value] = /^(\w+)=(.*)$/.exec(word) ?? [];
        stage.environment[name!] = value!;
      }
      return;
    case 'COPY':
      return copy(instruction, stages, place.context);
    case 'RUN':
      return run(instruction.getArgumentsContent()!, stage, place.home);
    case 'USER':
      stage.user = words[0];
      return;
    case 'CMD':
      stage.command = execForm(instruction);
      return;
    case 'HEALTHCHECK':
      stage.healthCheck = execForm(instruction);
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${keyword} is not rehearsed yet: teach this file what it does.`);
  }
}

/** COPY [--from=stage] source… target. A target that ends with a slash is a folder to put the sources in. */
function copy(instruction: Instruction, stages: readonly Stage[], context: string): void {
  const stage = stages.at(-1)!;
  const words = instruction.getArguments().map((argument) => argument.getValue());
  const from = instruction instanceof Copy ? instruction.getFromFlag()?.getValue() : undefined;
  const base = from === undefined ? context : stages.find(({ name }) => name === from)?.root;
  if (base === undefined) throw new Error(`COPY --from=${from}: there is no such stage.`);
  const target = words.at(-1)!;
  for (const source of words.slice(0, -1)) {
    const path = join(base, source);
    if (!existsSync(path)) throw new Error(`COPY ${source}: there is no such file.`);
    const to = target.endsWith('/') ? join(inside(stage, target), basename(source)) : inside(stage, target);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(path, to, { recursive: true, verbatimSymlinks: true, filter: (file) => !isIgnored(file, context) });
    ownAll(to);
  }
}

/** What .dockerignore keeps out of the folders that it lets in, and an earlier build may have left in a checkout. */
function isIgnored(file: string, context: string): boolean {
  return file === join(context, 'src', 'generated') || (file.startsWith(context) && /\.spec\.tsx?$/.test(file));
}

function run(command: string, stage: Stage, home: string): void {
  const network = Object.fromEntries(NETWORK.map((name) => [name, process.env[name]]));
  const result = spawnSync('sh', ['-c', command], {
    cwd: inside(stage, '.'),
    env: { PATH: process.env['PATH'], HOME: home, ...network, ...stage.environment },
    encoding: 'utf8',
    ...unprivileged(),
  });
  if (result.status !== 0) throw new Error(`RUN ${command} failed:\n${result.stdout}\n${result.stderr}`);
}

/** The JSON form of CMD or of HEALTHCHECK's CMD: without a shell, so that signals reach the process itself. */
function execForm(instruction: Instruction): readonly string[] {
  const [, json] = /CMD\s+(\[.*\])\s*$/s.exec(instruction.getTextContent()) ?? [];
  if (json === undefined) throw new Error(`${instruction.getKeyword()} is not in its JSON form.`);
  return JSON.parse(json) as string[];
}

function inside(stage: Stage, path: string): string {
  return join(stage.root, path.startsWith('/') ? path : join(stage.workdir, path));
}

/** Options of a child process that make it an unprivileged one, where that can be done. */
export function unprivileged(): { uid?: number; gid?: number } {
  return amRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

function own(path: string): void {
  if (amRoot) spawnSync('chown', [`${UNPRIVILEGED}:${UNPRIVILEGED}`, path]);
}

function ownAll(path: string): void {
  if (amRoot) spawnSync('chown', ['-R', `${UNPRIVILEGED}:${UNPRIVILEGED}`, path]);
}

/** Takes every right to write away: a read-only file system, as far as a folder can be one. */
export function seal({ root }: RehearsedImage): void {
  spawnSync('chmod', ['-R', 'a-w', root]);
  if (amRoot) spawnSync('chown', ['-R', 'root:root', root]);
}

/** The sum of all files under a folder, in bytes. */
export function sizeOf(path: string): number {
  let sum = 0;
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).size;
  }
  return sum;
}
