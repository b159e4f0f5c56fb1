import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const text = readFileSync('docs/security.md', 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('|---'));
const ATTACKS = 55;

it('docs/security.md names every attack of the checklist in its threats', () => {
  const threats = text.slice(text.indexOf('## Threats'), text.indexOf('## Requirements')).split('\n');
  const numbers = threats
    .filter((line) => line.startsWith('| '))
    .flatMap((line) =>
      [
        ...line
          .split('|')
          .at(-2)!
          .matchAll(/(?<![\w-])\d+(?![\w-])/g),
      ].map(([number]) => Number(number)),
    );
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: ATTACKS }, (_, index) => index + 1));
});

it('docs/security.md names files that exist', () => {
  const paths = rows.flatMap((row) => [...row.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path]) => path!));
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});
