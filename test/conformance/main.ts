// `npm run conformance [-- --output FILE]`: the MCP conformance suite at both revisions against the fixture on the
// project's own legs, and MCP clients of others against the service itself. Exit code 1 on any failure.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runClients } from './clients/clients.js';
import { startFixtureApp } from './fixture/fixture.app.js';
import { type Outcome, passed, report } from './outcome.js';
import { REVISIONS } from './scenarios.js';
import { runSuite } from './suite.js';
import { installTools } from './tools.js';

const { values } = parseArgs({ options: { output: { type: 'string' } } });
const tools = installTools();
const outcomes: Outcome[] = [];

for (const revision of REVISIONS) {
  // An app of its own for each: what one revision's run leaves behind must not help the other's.
  const app = await startFixtureApp();
  const ofRevision = await runSuite(tools, app.url, revision);
  await app.close();
  report(revision, ofRevision);
  outcomes.push(...ofRevision);
}
const ofClients = await runClients(tools);
report('clients', ofClients);
outcomes.push(...ofClients);

const good = outcomes.filter(passed).length;
if (values.output !== undefined)
  await writeFile(values.output, JSON.stringify({ passed: good, failed: outcomes.length - good, skipped: 0 }));
process.exit(good === outcomes.length && good > 0 ? 0 : 1);
