import { hash } from 'node:crypto';
import { sha256 } from './row-leaf.js';

/** Root of the empty tree (RFC 6962 §2.1): what the first checkpoint names as its predecessor. */
export const EMPTY_ROOT = sha256('');

/**
 * An RFC 6962 Merkle tree that only grows, kept as the roots of its full subtrees: appending costs two hashes on average
 * and needs none of the older leaves. Digests in hex.
 */
export class MerkleFrontier {
  /** @param hashes of the full subtrees, largest first */
  constructor(
    private leaves = 0,
    private readonly hashes: string[] = [],
  ) {}

  get size(): number {
    return this.leaves;
  }

  get subtrees(): readonly string[] {
    return this.hashes;
  }

  append(leaf: string): void {
    let node = leaf;
    for (let n = this.leaves; n % 2 === 1; n = (n - 1) / 2) node = nodeHash(this.hashes.pop()!, node);
    this.hashes.push(node);
    this.leaves += 1;
  }

  root(): string {
    return this.hashes.length === 0 ? EMPTY_ROOT : this.hashes.reduceRight((right, left) => nodeHash(left, right));
  }
}

const node = Buffer.alloc(65, 1);

/** RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right). */
function nodeHash(left: string, right: string): string {
  node.write(left, 1, 'hex');
  node.write(right, 33, 'hex');
  return hash('sha256', node, 'hex');
}
