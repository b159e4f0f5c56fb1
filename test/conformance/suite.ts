import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './outcome.js';
import { runProgram } from './run-program.js';
import { requiredScenarios, type Revision } from './scenarios.js';
import type { Tools } from './tools.js';

/** One check of a scenario, as the suite writes it down. */
interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

/** Every scenario has it besides its own: alone it says nothing about what the scenario is for. */
const IN_EVERY_SCENARIO = 'wire-schema-valid';
const WHOLE_RUN_MS = 300_000;

/** Runs all that a revision requires, on that revision's wire. A scenario that did not run has failed. */
export async function runSuite(tools: Tools, url: string, revision: Revision): Promise<Outcome[]> {
  const found = await run(tools, url, ['--requirements', revision]);
  return requiredScenarios(tools.requirements, revision).map((scenario) => judge(scenario, found.get(scenario)));
}

/** Runs one scenario. */
export async function runScenario(tools: Tools, url: string, revision: Revision, scenario: string): Promise<Outcome> {
  const found = await run(tools, url, ['--scenario', scenario, '--spec-version', revision]);
  return judge(scenario, found.get(scenario));
}

async function run({ node, conformance }: Tools, url: string, what: string[]): Promise<Map<string, Check[]>> {
  const results = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const baseline = fileURLToPath(new URL('expected-failures.yaml', import.meta.url));
    const args = ['server', '--url', url, '--expected-failures', baseline, '--output-dir', results, ...what];
    await runProgram(node, [conformance, ...args], WHOLE_RUN_MS);
    const found = new Map<string, Check[]>();
    for (const folder of await readdir(results)) {
      const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(folder)?.[1];
      const checks = await readFile(join(results, folder, 'checks.json'), 'utf8').catch(() => '[]');
      if (scenario !== undefined) found.set(scenario, JSON.parse(checks) as Check[]);
    }
    return found;
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

/** Stricter than the suite: a warning (a SHOULD that is not done) fails, and so does a scenario that checked nothing. */
function judge(name: string, checks: readonly Check[] | undefined): Outcome {
  const succeeded = (checks ?? []).filter(({ id, status }) => status === 'SUCCESS' && id !== IN_EVERY_SCENARIO);
  const problems = (checks ?? [])
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, errorMessage }) => `${status} ${id}: ${errorMessage ?? 'no reason given'}`);
  if (checks === undefined) problems.push('it did not run');
  else if (succeeded.length === 0 && problems.length === 0) problems.push('it checked nothing');
  return { name, checks: succeeded.length, problems };
}
