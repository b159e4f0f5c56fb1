import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { EMPTY_ROOT, MerkleFrontier } from './merkle-frontier.js';

const digest = (input: string | Buffer): string => createHash('sha256').update(input).digest('hex');
const leaves = Array.from({ length: 70 }, (_, i) => digest(`leaf ${i}`));

/** RFC 6962 §2.1, to the letter; the leaves are hashed already. */
function rootOf(hashes: readonly string[]): string {
  if (hashes.length === 0) return digest('');
  if (hashes.length === 1) return hashes[0]!;
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return digest(Buffer.from(`01${rootOf(hashes.slice(0, half))}${rootOf(hashes.slice(half))}`, 'hex'));
}

describe('MerkleFrontier', () => {
  it('has the root of RFC 6962 at every size, and after it was stored and read at any', () => {
    expect(new MerkleFrontier().root()).toBe(EMPTY_ROOT);
    const tree = new MerkleFrontier();
    for (const [i, leaf] of leaves.entries()) {
      tree.append(leaf);
      expect(tree.root()).toBe(rootOf(leaves.slice(0, i + 1)));
      const read = new MerkleFrontier(tree.size, tree.subtrees);
      for (const next of leaves.slice(i + 1, i + 4)) read.append(next);
      expect(read.root()).toBe(rootOf(leaves.slice(0, i + 4)));
    }
  });

  it.each(['', 'ab', 'zz'.repeat(32), 'ab'.repeat(33), 'é'.repeat(64)])('takes %j for no digest', (odd) => {
    const [tree, zeros] = [new MerkleFrontier(), new MerkleFrontier()];
    for (const leaf of leaves.slice(0, 4)) {
      tree.append(leaf);
      zeros.append(leaf);
    }
    tree.append(odd);
    zeros.append('00'.repeat(32));
    expect(tree.root()).toBe(zeros.root());
    expect(tree.root()).not.toBe(rootOf(leaves.slice(0, 5)));
  });
});
