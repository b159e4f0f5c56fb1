import { Prisma } from '../../generated/prisma/client.js';
import type { Checkpoint } from './checkpoint.js';
import { MerkleFrontier } from './merkle-frontier.js';

/** Where the log ends: the tree and its last checkpoint. */
export interface HeadOfLog {
  readonly tree: MerkleFrontier;
  readonly root: string;
  /** The time of the next checkpoint: the database's, unless its clock was set back. */
  readonly at: string;
}

const HASH_BYTES = 32;

interface HeadRow {
  readonly tree_size: bigint | null;
  readonly root: string | null;
  readonly frontier: Uint8Array | null;
  readonly frontier_size: bigint | null;
  readonly now: Date;
}

/**
 * Reads the head, inside the transaction that will move it.
 * @throws Error when the stored tree does not have the root of the last checkpoint: somebody changed one of the two
 */
export async function readHead(transaction: Prisma.TransactionClient): Promise<HeadOfLog> {
  const [row] = await transaction.$queryRaw<[HeadRow]>`
    SELECT c.tree_size, encode(c.root, 'hex') AS root, f.hashes AS frontier, f.tree_size AS frontier_size,
      greatest(clock_timestamp()::timestamptz(3), c.at) AS now
    FROM (SELECT) AS one
      LEFT JOIN LATERAL (SELECT * FROM audit_checkpoints ORDER BY tree_size DESC LIMIT 1) AS c ON true
      LEFT JOIN audit_frontier AS f ON true`;
  const tree = new MerkleFrontier(Number(row.frontier_size ?? 0), splitHashes(row.frontier));
  const root = tree.root();
  if (tree.size !== Number(row.tree_size ?? 0) || (row.root !== null && row.root !== root)) {
    throw new Error('The head of the audit log is not the one its last checkpoint was signed for.');
  }
  return { tree, root, at: row.now.toISOString() };
}

/** Stores leaves, checkpoint and tree; the leaves are the last of the tree. */
export async function writeHead(
  transaction: Prisma.TransactionClient,
  tree: MerkleFrontier,
  leaves: readonly { readonly seq: number; readonly event_id: number; readonly leaf: string }[],
  { tree_size, root, previous_root, at, key_id, signature }: Checkpoint,
): Promise<void> {
  await transaction.$executeRaw`
    WITH sealed AS (
      INSERT INTO audit_leaves (seq, event_id, leaf)
      SELECT seq, event_id, decode(leaf, 'hex')
        FROM json_to_recordset(${JSON.stringify(leaves)}::json) AS l(seq bigint, event_id bigint, leaf text)
    ), checkpoint AS (
      INSERT INTO audit_checkpoints (tree_size, root, previous_root, at, key_id, signature)
      VALUES (${tree_size}, decode(${root}, 'hex'), decode(${previous_root}, 'hex'), ${new Date(at)}, ${key_id},
        decode(${signature}, 'hex'))
    )
    INSERT INTO audit_frontier (id, tree_size, hashes)
    VALUES (1, ${tree_size}, decode(${tree.subtrees.join('')}, 'hex'))
    ON CONFLICT (id) DO UPDATE SET tree_size = excluded.tree_size, hashes = excluded.hashes`;
}

function splitHashes(bytes: Uint8Array | null): string[] {
  const hex = Buffer.from(bytes ?? []).toString('hex');
  return hex.match(new RegExp(`.{${HASH_BYTES * 2}}`, 'g')) ?? [];
}
