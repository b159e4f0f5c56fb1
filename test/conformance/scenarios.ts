import { readFileSync } from 'node:fs';

/** The protocol revisions that the suite is run at, each on its own wire. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

/** Scenarios that the suite runs at a revision without requiring them, and that we hold ourselves to all the same. */
const OURS: Readonly<Record<Revision, readonly string[]>> = {
  '2025-11-25': ['json-schema-2020-12', 'server-session-lifecycle'],
  '2026-07-28': ['json-schema-2020-12', 'http-header-validation'],
};

/**
 * Every scenario that has to pass: the suite's own frozen list of what conforming servers need, and OURS.
 * @param requirements folder of the suite's `<revision>.yaml`
 * @throws when a list cannot be read: an empty one would pass without a check
 */
export function requiredScenarios(requirements: string, revision: Revision): readonly string[] {
  const yaml = readFileSync(`${requirements}/${revision}.yaml`, 'utf8');
  const section = /^server:\n((?: {2}- .+\n)+)/m.exec(yaml)?.[1];
  const required =
    section
      ?.trimEnd()
      .split('\n')
      .map((line) => line.replace('  - ', '')) ?? [];
  if (required.length < 30) throw new Error(`No list of required server scenarios in ${revision}.yaml`);
  return [...required, ...OURS[revision]];
}
