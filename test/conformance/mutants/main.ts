// `npm run conformance:mutants [-- TEXT]`: breaks the code in one way after the other, in a copy of this checkout, and runs
// the scenarios that must notice. Exit code 1 when one of them stays green. TEXT: only mutants whose description has it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { passed } from '../outcome.js';
import { requiredScenarios, REVISIONS } from '../scenarios.js';
import { runScenario } from '../suite.js';
import { installTools, type Tools } from '../tools.js';
import type { Mutant } from './mutant.js';
import { MUTANTS } from './mutants.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A checkout whose code may be broken. */
async function copy(): Promise<string> {
  const there = await mkdtemp(join(tmpdir(), 'conformance-mutants-'));
  for (const part of ['src', 'package.json', '.swcrc', 'test/support', 'test/conformance/fixture'])
    await cp(join(root, part), join(there, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(there, 'node_modules'));
  return there;
}

/** Starts the fixture of a checkout, uses it and stops it. */
async function withFixture<T>(checkout: string, use: (url: string) => Promise<T>): Promise<T> {
  const args = ['--import', './test/support/typescript.mjs', 'test/conformance/fixture/main.ts'];
  const child = spawn(process.execPath, args, { cwd: checkout, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const said = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
    if (said === undefined) throw new Error('the fixture did not start');
    return await use(String(said[0]).trim());
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** @returns the scenarios that did not notice */
async function survived(tools: Tools, checkout: string, { file, find, replace, red }: Mutant): Promise<string[]> {
  const path = join(checkout, file);
  const source = await readFile(path, 'utf8');
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
  try {
    return await withFixture(checkout, async (url) => {
      const green: string[] = [];
      for (const revision of REVISIONS) {
        for (const scenario of red[revision] ?? []) {
          const outcome = await runScenario(tools, url, revision, scenario);
          if (passed(outcome)) green.push(`${revision} ${scenario}`);
          else process.stdout.write(`         red: ${revision} ${scenario}: ${outcome.problems[0]?.slice(0, 150)}\n`);
        }
      }
      return green;
    });
  } finally {
    await writeFile(path, source);
  }
}

/** Scenarios that no mutant is for. */
function unguarded({ requirements }: Tools): string[] {
  return REVISIONS.flatMap((revision) =>
    requiredScenarios(requirements, revision)
      .filter((scenario) => !MUTANTS.some(({ red }) => red[revision]?.includes(scenario)))
      .map((scenario) => `${revision} ${scenario}`),
  );
}

const tools = installTools();
const missing = unguarded(tools);
if (missing.length > 0) throw new Error(`No mutant for: ${missing.join(', ')}`);
const checkout = await copy();
let unnoticed = 0;
try {
  for (const mutant of MUTANTS.filter(({ breaks }) => breaks.includes(process.argv[2] ?? ''))) {
    process.stdout.write(`${mutant.breaks} (${mutant.file})\n`);
    for (const scenario of await survived(tools, checkout, mutant)) {
      unnoticed += 1;
      process.stdout.write(`         NOT NOTICED by ${scenario}\n`);
    }
  }
} finally {
  await rm(checkout, { recursive: true, force: true });
}
process.stdout.write(unnoticed === 0 ? 'every mutant was noticed\n' : `${unnoticed} not noticed\n`);
process.exit(unnoticed === 0 ? 0 : 1);
