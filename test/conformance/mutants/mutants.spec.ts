import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MUTANTS } from './mutants.js';

const root = new URL('../../../', import.meta.url);

describe('the mutants of the conformance scenarios', () => {
  it.each(MUTANTS.map((mutant) => [mutant.breaks, mutant] as const))('%s: still breaks something', (_, mutant) => {
    const source = readFileSync(new URL(mutant.file, root), 'utf8');
    expect(source.split(mutant.find)).toHaveLength(2);
    expect(source.replace(mutant.find, () => mutant.replace)).not.toBe(source);
    expect(Object.values(mutant.red).flat()).not.toEqual([]);
  });
});
