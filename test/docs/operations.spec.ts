import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { VARIABLE_NAMES } from '../../src/config/variables.js';

it('every variable that the server reads stands in docs/operations.md, and the reverse', () => {
  const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  // Other tables may name a variable, too.
  const table = text.slice(text.indexOf('\n## Variables\n'), text.indexOf('\n## Start and stop\n'));
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  const documented = rows.flatMap((line) => [...line.split('|')[1]!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name!));
  expect(documented.sort()).toEqual([...VARIABLE_NAMES].sort());
});
