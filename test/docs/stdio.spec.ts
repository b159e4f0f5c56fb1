import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { STDIO_VARIABLE_NAMES } from '../../src/config/load-stdio-config.js';

it('every variable of the stdio program stands in docs/stdio.md, and the reverse', () => {
  const text = readFileSync(new URL('../../docs/stdio.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const documented = rows.flatMap((line) => [...line.split('|')[1]!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name!));
  expect(documented.sort()).toEqual([...STDIO_VARIABLE_NAMES].sort());
});
