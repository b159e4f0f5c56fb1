import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { TOOLS } from '../../src/tools/registry.js';

const README = new URL('../../README.md', import.meta.url);
const BEGIN = /(<!-- tools:begin[^>]*-->\n)[\s\S]*?(<!-- tools:end -->)/;

function table(): string {
  const rows = TOOLS.map(({ name, scope, title, annotations }) => {
    const kind = annotations.readOnlyHint ? 'reads' : 'writes, after a dry run';
    return `| \`${name}\` | ${title} | ${kind} | \`${scope}\` |`;
  });
  return ['| tool | what it does | | scope |', '|---|---|---|---|', ...rows, ''].join('\n');
}

it("README's tool table is the registry's", () => {
  const text = readFileSync(README, 'utf8');
  const wanted = text.replace(BEGIN, (_, begin: string, end: string) => `${begin}\n${table()}\n${end}`);
  if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(README, wanted);
  else expect(text).toBe(wanted);
});
