import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { VARIABLE_NAMES, VARIABLES } from '../../src/config/variables.js';

const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
// Other tables may name a variable, too.
const table = text.slice(text.indexOf('\n## Variables\n'), text.indexOf('\n## Start and stop\n'));
const codeIn = (cell: string | undefined): string[] => [...cell!.matchAll(/`([^`]*)`/g)].map(([, code]) => code!);
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|'))
  .map(([, names, defaults]) => ({ names: codeIn(names), defaults: codeIn(defaults) }));

it('every variable that the server reads stands in docs/operations.md, and the reverse', () => {
  expect(rows.flatMap(({ names }) => names).sort()).toEqual([...VARIABLE_NAMES].sort());
});

it('and has the default that stands there', () => {
  const written = rows.flatMap(({ names, defaults }) => names.map((name, index) => [name, defaults[index]] as const));
  const differing = written.filter(([name, code]) => {
    const [schema] = VARIABLES[name as keyof typeof VARIABLES];
    const value = schema.parse(undefined);
    // Port 0 is a free one; what has no default of its own is made from others.
    if (value === undefined || name === 'SANDBOX_PORT') return false;
    return code === undefined || JSON.stringify(schema.parse(code)) !== JSON.stringify(value);
  });
  expect(differing).toEqual([]);
});
