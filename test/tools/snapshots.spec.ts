import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { publishedTools } from '../../src/tools/registry.js';

/**
 * What clients and models see of each tool, one file a tool: a changed word or schema is a reviewed diff.
 * UPDATE_SNAPSHOTS=1 rewrites them.
 */
const directory = fileURLToPath(new URL('../snapshots/tools/', import.meta.url));

describe('the published tools', () => {
  beforeAll(() => {
    if (process.env.UPDATE_SNAPSHOTS !== '1') return;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const tool of publishedTools) {
      writeFileSync(`${directory}${tool.name}.json`, `${JSON.stringify(tool, null, 2)}\n`);
    }
  });

  it('have one snapshot each, and no snapshot is left over', () => {
    expect(readdirSync(directory).sort()).toEqual(publishedTools.map((tool) => `${tool.name}.json`).sort());
  });

  it.each(publishedTools.map((tool) => [tool.name, tool] as const))('%s is as its snapshot', (name, tool) => {
    const snapshot: unknown = JSON.parse(readFileSync(`${directory}${name}.json`, 'utf8'));
    expect(JSON.parse(JSON.stringify(tool))).toEqual(snapshot);
  });
});
