import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MODERN } from '../conformance/mutants/mutant.js';
import { MUTANTS } from '../conformance/mutants/mutants.js';

/** Requirement and what holds it. */
const rows = readFileSync('docs/mcp-requirements.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| requirement |'))
  .map((line) => line.slice(2, -2).split(' | ') as [string, string]);

const ATTACKS = 55;
const scenarios = new Set(MUTANTS.flatMap(({ red }) => red[MODERN] ?? []));

/** What in a cell is not there, or cannot be read: every part must name a test, or the whole must be a reason. */
function missing(cell: string): string[] {
  if (/^does not apply: .{10,}$/.test(cell) || cell === 'see below') return [];
  let file = '';
  return cell.split(/, (?=[`"]|conformance |attack )/).filter((part) => {
    const [, path, title] = /^(?:`((?:src|test)\/[^`]+)`)? ?(?:"(.+)")?$/.exec(part) ?? [];
    const [, scenario] = /^conformance `([^`]+)`$/.exec(part) ?? [];
    const [, attack] = /^attack (\d+)$/.exec(part) ?? [];
    if (scenario !== undefined) return !scenarios.has(scenario);
    if (attack !== undefined) return Number(attack) < 1 || Number(attack) > ATTACKS;
    file = path ?? file;
    if (!existsSync(file)) return true;
    return title !== undefined && !isTitle(readFileSync(file, 'utf8'), title);
  });
}

/** Whether a file has a test of exactly that title: quoted as a whole, not a piece of something. */
function isTitle(source: string, title: string): boolean {
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));
}

describe('docs/mcp-requirements.md', () => {
  it('has a good number of requirements', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => row.length !== 2)).toEqual([]);
  });

  it.each(rows)('%s', (_, cell) => {
    expect(missing(cell)).toEqual([]);
  });
});

describe('this check', () => {
  it.each([
    '',
    'a test will come',
    'does not apply:',
    '`test/mcp/none.spec.ts`',
    '`test/mcp/modern.spec.ts` "no such title"',
    '`test/mcp/modern.spec.ts` "travels as"',
    '`test/mcp/modern.spec.ts` "travels as UTF-8", "no such title"',
    'conformance `none`',
    'attack 56',
    'attack 1 or so',
  ])('does not take: %s', (cell) => {
    expect(missing(cell)).not.toEqual([]);
  });
});
