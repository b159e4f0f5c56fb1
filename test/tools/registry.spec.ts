import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ALL_SCOPES, READ_SCOPES, type Scope } from '../../src/auth/scopes.js';
import { publishedTools, TOOLS, toolByName, toolsFor } from '../../src/tools/registry.js';

const catalog = fileURLToPath(new URL('../../src/tools/catalog/', import.meta.url));
const files = readdirSync(catalog).filter((file) => file.endsWith('.tool.ts'));

describe('the registry', () => {
  it('has every tool of the catalog, each in the file of its name', () => {
    const named = TOOLS.map((tool) => `${tool.name.replaceAll('_', '-')}.tool.ts`);
    expect([...named].sort()).toEqual([...files].sort());
  });

  it.each(files)('%s imports no other tool', (file) => {
    const imports = readFileSync(`${catalog}${file}`, 'utf8').matchAll(/from '([^']+)'/g);
    for (const [, path] of imports) expect(path).not.toMatch(/\.tool\.js$|catalog/);
  });

  it('finds tools by their exact name only', () => {
    expect(toolByName('get_positions')?.name).toBe('get_positions');
    for (const name of ['GET_POSITIONS', 'get-positions', 'constructor', '']) expect(toolByName(name)).toBeUndefined();
  });

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))('%s refuses an unknown argument', (_name, tool) => {
    const issues = tool.input.safeParse({ surprise: 1 }).error?.issues ?? [];
    expect(issues.find((issue) => issue.code === 'unrecognized_keys')).toMatchObject({ keys: ['surprise'] });
  });
});

describe('publishedTools', () => {
  it('publishes closed object schemas without a dialect', () => {
    for (const { inputSchema, outputSchema } of publishedTools) {
      for (const schema of [inputSchema, outputSchema]) {
        expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
        expect(schema).not.toHaveProperty('$schema');
      }
    }
  });
});

describe('toolsFor', () => {
  it.each(ALL_SCOPES)('%s alone shows its own tools, in the order of the list', (scope) => {
    const expected = TOOLS.filter((tool) => tool.scope === scope).map((tool) => tool.name);
    expect(toolsFor(new Set([scope])).map((tool) => tool.name)).toEqual(expected);
  });

  it('shows nothing without a scope, and every reading tool with the read scopes', () => {
    expect(toolsFor(new Set())).toEqual([]);
    const reading = publishedTools.filter((tool) => tool.annotations.readOnlyHint);
    expect(toolsFor(new Set(READ_SCOPES))).toEqual(reading);
  });

  it('gives the same array for the same scopes, in whatever order they come', () => {
    const one = new Set<Scope>(['read:pool', 'read:account']);
    const other = new Set<Scope>(['read:account', 'read:pool']);
    expect(toolsFor(one)).toBe(toolsFor(other));
  });
});
