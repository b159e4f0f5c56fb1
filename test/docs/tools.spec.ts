import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { publishedPrompts, PROMPTS } from '../../src/tools/prompts/prompt-registry.js';
import { TOOLS } from '../../src/tools/registry.js';
import { RESOURCE_TEMPLATES, RESOURCES } from '../../src/tools/resources/resource-registry.js';

const PAGE = new URL('../../docs/tools.md', import.meta.url);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''].join('\n');
}

const code = (text: string): string => `\`${text}\``;

/** By the name that its block in docs/tools.md has. */
const TABLES = {
  tools: table(
    ['tool', 'what it does', '', 'scope'],
    TOOLS.map(({ name, scope, title, annotations }) => {
      const kind = annotations.readOnlyHint ? 'reads' : 'writes, after a dry run';
      return [code(name), title, kind, code(scope)];
    }),
  ),
  resources: table(
    ['resource', 'what it holds', '', 'scope'],
    [
      ...RESOURCES.map(({ uri, title, live, tool }) => [code(uri), title, live ? 'live' : '', code(tool.scope)]),
      ...RESOURCE_TEMPLATES.map(({ uriTemplate, title, tool }) => [code(uriTemplate), title, '', code(tool.scope)]),
    ],
  ),
  prompts: table(
    ['prompt', 'what it asks for', 'arguments', 'scopes'],
    publishedPrompts.map(({ name, description, arguments: args }, index) => [
      code(name),
      description,
      args.map((argument) => code(argument.name)).join(', '),
      PROMPTS[index]!.scopes.map(code).join(', '),
    ]),
  ),
} as const;

it.each(Object.entries(TABLES))("docs/tools.md's table of %s is the registry's", (name, wantedTable) => {
  const text = readFileSync(PAGE, 'utf8');
  const block = new RegExp(`(<!-- ${name}:begin[^>]*-->\\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  expect(text).toMatch(block);
  const wanted = text.replace(block, (_, begin: string, end: string) => `${begin}\n${wantedTable}\n${end}`);
  if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(PAGE, wanted);
  else expect(text).toBe(wanted);
});
