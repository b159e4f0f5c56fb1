import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Machine } from './support/stdio-process.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

/** The production dependencies, as an installation beside the package has them. */
function linkDependencies(modules: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, { dev, devOptional }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    if (name === undefined || dev === true || devOptional === true) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
}

describe('the packed package, in a folder of its own', () => {
  let machine: Machine;
  let folder: string;
  beforeAll(async () => {
    machine = await Machine.create();
    folder = await mkdtemp(join(tmpdir(), 'tradecafe-package-'));
    await run(process.execPath, ['scripts/prepare.mjs', '--build'], { cwd: ROOT });
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
    const [archive] = readdirSync(folder);
    const modules = join(folder, 'node_modules');
    const installed = join(modules, 'tradecafe-mcp-backend');
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', join(folder, archive!), '--strip-components=1', '-C', installed]);
    linkDependencies(modules);
    // As npm does it: a link among the programs, and the right to run it.
    mkdirSync(join(modules, '.bin'));
    symlinkSync('../tradecafe-mcp-backend/dist/stdio.js', join(modules, '.bin', 'tradecafe-mcp'));
    chmodSync(join(installed, 'dist', 'stdio.js'), 0o755);
  }, 600_000);
  afterAll(async () => {
    await machine?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds what runs, what is applied at the start and what people read; nothing else', () => {
    const entries = readdirSync(join(folder, 'node_modules', 'tradecafe-mcp-backend'));
    expect(entries.sort()).toEqual(['LICENSE', 'README.md', 'dist', 'docs', 'examples', 'package.json', 'prisma']);
  });

  it('answers `npx tradecafe-mcp`, with its own database', async () => {
    const client = new Client({ name: 'host', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    const transport = new StdioClientTransport({
      command: 'npx',
      args: ['--no-install', 'tradecafe-mcp'],
      cwd: folder,
      env: machine.environment,
      stderr: 'ignore',
    });
    await client.connect(transport, { timeout: 120_000 });
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    expect((await client.listTools()).tools).toHaveLength(10);
    const answer = await client.callTool({ name: 'get_positions', arguments: {} }, { timeout: 120_000 });
    expect(answer).not.toMatchObject({ isError: true });
    await client.close();
  }, 300_000);
});
