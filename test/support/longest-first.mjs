// The order of a run whose durations Jest does not know yet, as in CI: it would take large files first, and begin the
// longest suites, which are small files, when the other workers have nothing left to do.
import { fileURLToPath } from 'node:url';
import Sequencer from '@jest/test-sequencer';

/** What takes the longest, longest first. A suite that is missing here costs time, nothing else. */
const LONGEST = [
  'test/e2e/poisoned-upstream.spec.ts',
  'test/oauth/chromium.spec.ts',
  'test/fleet/fleet.spec.ts',
  'test/chaos/chaos.spec.ts',
  'test/stdio/process.spec.ts',
  'test/e2e/process.spec.ts',
  'test/stdio/live-pat.spec.ts',
  'test/stdio/live-oauth.spec.ts',
  'test/stdio/mock.spec.ts',
  'test/examples/examples.spec.ts',
  'test/database/embedded-postgres.spec.ts',
  'test/oauth/killed-mid-transaction.spec.ts',
  'test/audit/account-actions.spec.ts',
  'test/audit/kill.spec.ts',
  'test/audit/stopped-leader.spec.ts',
  'test/web/browser/newcomer.spec.ts',
  'test/web/browser/token-flows.spec.ts',
  'test/web/browser/late-forms.spec.ts',
  'test/web/browser/names.spec.ts',
  'test/oauth/two-instances.spec.ts',
  'test/auth/cli.spec.ts',
  'test/database/migrate.spec.ts',
].map((path) => fileURLToPath(new URL(`../../${path}`, import.meta.url)));

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const place = ({ path }) => (LONGEST.includes(path) ? LONGEST.indexOf(path) : LONGEST.length);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
