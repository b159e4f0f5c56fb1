import { hash } from 'node:crypto';
import { sha256 } from './row-leaf.js';

/** Root of the empty tree (RFC 6962 §2.1): what the first checkpoint names as its predecessor. */
export const EMPTY_ROOT = sha256('');

const DIGEST_BYTES = 32;
/** Of the largest tree whose size is a safe integer, and the leaf that is being appended. */
const MAX_SUBTREES = 54;
/** RFC 6962 §2.1: a node is SHA-256(0x01 ‖ left ‖ right). */
const NODE_PREFIX = 1;
const NODE_BYTES = 1 + 2 * DIGEST_BYTES;

/**
 * An RFC 6962 Merkle tree that only grows, kept as the roots of its full subtrees: appending costs two hashes on average
 * and needs none of the older leaves. Digests come and go in hex.
 */
export class MerkleFrontier {
  /** A byte, then the roots, largest first: two neighbours are what a node is hashed of, but for the byte before them. */
  private readonly bytes = Buffer.alloc(1 + MAX_SUBTREES * DIGEST_BYTES);
  /** That byte and the two, from each root on. */
  private readonly nodes: Buffer[] = [];
  private roots: number;

  /** @param hashes of the full subtrees, largest first */
  constructor(
    private leaves = 0,
    hashes: readonly string[] = [],
  ) {
    for (const [i, digest] of hashes.entries()) this.write(i, digest);
    this.roots = hashes.length;
  }

  get size(): number {
    return this.leaves;
  }

  get subtrees(): readonly string[] {
    return Array.from({ length: this.roots }, (_, i) => this.bytes.toString('hex', at(i), at(i + 1)));
  }

  append(leaf: string): void {
    let i = this.roots;
    this.write(i, leaf);
    for (let n = this.leaves; n % 2 === 1; n = (n - 1) / 2) {
      i -= 1;
      this.bytes.write(this.nodeOf(i), at(i), 'binary');
    }
    this.roots = i + 1;
    this.leaves += 1;
  }

  root(): string {
    if (this.roots === 0) return EMPTY_ROOT;
    const node = Buffer.alloc(NODE_BYTES, NODE_PREFIX);
    let right = this.bytes.toString('binary', at(this.roots - 1), at(this.roots));
    for (let i = this.roots - 2; i >= 0; i--) {
      this.bytes.copy(node, 1, at(i), at(i + 1));
      node.write(right, 1 + DIGEST_BYTES, 'binary');
      right = hash('sha256', node, 'binary');
    }
    return Buffer.from(right, 'binary').toString('hex');
  }

  private write(i: number, digest: string): void {
    const whole = digest.length === 2 * DIGEST_BYTES && this.bytes.write(digest, at(i), 'hex') === DIGEST_BYTES;
    // What is no digest is no leaf of a tree that somebody signed.
    if (!whole) this.bytes.fill(0, at(i), at(i + 1));
  }

  /** The node above two roots, a character a byte: that is written in half of the time that hex takes. */
  private nodeOf(i: number): string {
    const node = (this.nodes[i] ??= this.bytes.subarray(at(i) - 1, at(i + 2)));
    // The prefix stands where the root before the two ends.
    const end = node[0]!;
    node[0] = NODE_PREFIX;
    const digest = hash('sha256', node, 'binary');
    node[0] = end;
    return digest;
  }
}

/** Where a root stands in the bytes. */
function at(i: number): number {
  return 1 + i * DIGEST_BYTES;
}
