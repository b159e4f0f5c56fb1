import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { publishedPrompts, renderPrompt } from '../../src/tools/prompts/prompt-registry.js';
import { publishedTools } from '../../src/tools/registry.js';
import { publishedResources, publishedTemplates } from '../../src/tools/resources/resource-registry.js';

/**
 * What clients and models see of each tool, resource and prompt, one file each: a changed word or schema is a reviewed
 * diff. UPDATE_SNAPSHOTS=1 rewrites them.
 */
const KINDS = {
  tools: publishedTools,
  resources: [...publishedResources, ...publishedTemplates],
  // With the text that a model is given when no argument is.
  prompts: publishedPrompts.map((prompt) => {
    const everything = { kind: 'oauth', scopes: new Set() } as unknown as Parameters<typeof renderPrompt>[2];
    return Object.assign({}, prompt, { text: renderPrompt(prompt.name, {}, everything).text.split('\n') });
  }),
} as const;

describe.each(Object.entries(KINDS))('the published %s', (kind, published: readonly { readonly name: string }[]) => {
  const directory = fileURLToPath(new URL(`../snapshots/${kind}/`, import.meta.url));

  beforeAll(() => {
    if (process.env.UPDATE_SNAPSHOTS !== '1') return;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const one of published) writeFileSync(`${directory}${one.name}.json`, `${JSON.stringify(one, null, 2)}\n`);
  });

  it('have one snapshot each, and no snapshot is left over', () => {
    expect(readdirSync(directory).sort()).toEqual(published.map(({ name }) => `${name}.json`).sort());
  });

  it.each(published.map((one) => [one.name, one] as const))('%s is as its snapshot', (name, one) => {
    const snapshot: unknown = JSON.parse(readFileSync(`${directory}${name}.json`, 'utf8'));
    expect(JSON.parse(JSON.stringify(one))).toEqual(snapshot);
  });
});
