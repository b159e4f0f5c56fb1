import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const ATTACKS = 55;
const ALL = Array.from({ length: ATTACKS }, (_, index) => index + 1);

const read = (file: string): string => readFileSync(file, 'utf8');

/** Rows of the tables below a heading, as their cells; without heads and rulers. */
function rowsBelow(text: string, heading: string): string[][] {
  const start = text.indexOf(`\n${heading}\n`);
  expect(start).toBeGreaterThan(-1);
  const section = text.slice(start + 1).split(/\n## /, 1)[0]!;
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .filter(([first]) => !['threat', 'requirement', 'clause'].includes(first!.trim()));
}

const numbersIn = (cell: string): number[] =>
  [...cell.replace(/`[^`]*`/g, '').matchAll(/(?<![\w-])\d+(?![\w-])/g)].map(([number]) => Number(number));
const pathsIn = (text: string): string[] => [...text.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path]) => path!);

const security = read('docs/security.md');

describe('docs/security.md', () => {
  it('names every attack of the checklist once in its threats', () => {
    const numbers = rowsBelow(security, '## Threats').flatMap((cells) => numbersIn(cells.at(-1)!));
    expect(numbers.sort((a, b) => a - b)).toEqual(ALL);
  });

  it.each(['## Threats', '## Requirements'])('has in %s a test for every row, and each of them exists', (heading) => {
    const rows = rowsBelow(security, heading);
    expect(rows.length).toBeGreaterThan(20);
    for (const cells of rows) {
      const test = cells.at(-1)!;
      const [numbers, paths] = [numbersIn(test), pathsIn(test)];
      expect([cells[0], numbers.length + paths.length > 0]).toEqual([cells[0], true]);
      expect([cells[0], numbers.filter((number) => !ALL.includes(number))]).toEqual([cells[0], []]);
      expect([cells[0], paths.filter((path) => !existsSync(path))]).toEqual([cells[0], []]);
    }
  });

  it('names a clause of a specification for every requirement', () => {
    for (const [requirement, clause] of rowsBelow(security, '## Requirements')) {
      expect([requirement, /§|MCP|draft-/.test(clause!)]).toEqual([requirement, true]);
    }
  });
});

describe('docs/BACKEND_SPEC.md', () => {
  it.each(['## Polished path: OAuth 2.1', '## Optional'])('has in %s a test for every clause', (heading) => {
    const rows = rowsBelow(read('docs/BACKEND_SPEC.md'), heading);
    expect(rows.length).toBeGreaterThan(2);
    for (const cells of rows) expect([cells[0], pathsIn(cells.at(-1)!).length > 0]).toEqual([cells[0], true]);
  });

  it.each(['docs/BACKEND_SPEC.md', 'docs/security.md'])('and %s name only files that exist', (file) => {
    const paths = pathsIn(read(file));
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});
