import type { ClientBase } from 'pg';
import { copyIn } from '../../database/copy.js';
import type { Checkpoint } from './checkpoint.js';
import { MerkleFrontier } from './merkle-frontier.js';

/** Where the log ends: the tree and its last checkpoint. */
export interface HeadOfLog {
  readonly tree: MerkleFrontier;
  readonly root: string;
  /** The time of the next checkpoint: the database's, unless its clock was set back. */
  readonly at: string;
}

/** What a leaf was made of, and the leaf. */
export interface NewLeaf {
  readonly event_id: number;
  readonly leaf: string;
}

const HEX_DIGEST = /.{64}/g;

/** The driver has no numbers for `bigint`. */
interface HeadRow {
  readonly tree_size: string | null;
  readonly root: string | null;
  readonly frontier: string | null;
  readonly frontier_size: string | null;
  readonly now: Date;
}

/**
 * Reads the head, inside the transaction that will move it.
 * @throws Error when the stored tree does not have the root of the last checkpoint: somebody changed one of the two
 */
export async function readHead(client: ClientBase): Promise<HeadOfLog> {
  const { rows } = await client.query<HeadRow>(`
    SELECT c.tree_size, encode(c.root, 'hex') AS root, encode(f.hashes, 'hex') AS frontier, f.tree_size AS frontier_size,
      greatest(clock_timestamp()::timestamptz(3), c.at) AS now
    FROM (SELECT) AS one
      LEFT JOIN LATERAL (SELECT * FROM audit_checkpoints ORDER BY tree_size DESC LIMIT 1) AS c ON true
      LEFT JOIN audit_frontier AS f ON true`);
  const row = rows[0]!;
  const tree = new MerkleFrontier(Number(row.frontier_size ?? 0), row.frontier?.match(HEX_DIGEST) ?? []);
  const root = tree.root();
  if (tree.size !== Number(row.tree_size ?? 0) || (row.root !== null && row.root !== root)) {
    throw new Error('The head of the audit log is not the one its last checkpoint was signed for.');
  }
  return { tree, root, at: row.now.toISOString() };
}

/** Stores leaves, checkpoint and tree; the leaves are the last of the tree. */
export async function writeHead(
  client: ClientBase,
  tree: MerkleFrontier,
  leaves: readonly NewLeaf[],
  { tree_size, root, previous_root, at, key_id, signature }: Checkpoint,
): Promise<void> {
  let seq = tree.size - leaves.length;
  let lines = '';
  for (const { event_id, leaf } of leaves) lines += `${seq++}\t${event_id}\t\\\\x${leaf}\n`;
  await copyIn(client, 'COPY audit_leaves (seq, event_id, leaf) FROM STDIN', lines);
  await client.query(
    `WITH checkpoint AS (
       INSERT INTO audit_checkpoints (tree_size, root, previous_root, at, key_id, signature)
       VALUES ($1, decode($2, 'hex'), decode($3, 'hex'), $4, $5, decode($6, 'hex'))
     )
     INSERT INTO audit_frontier (id, tree_size, hashes)
     VALUES (1, $1, decode($7, 'hex'))
     ON CONFLICT (id) DO UPDATE SET tree_size = excluded.tree_size, hashes = excluded.hashes`,
    [tree_size, root, previous_root, new Date(at), key_id, signature, tree.subtrees.join('')],
  );
}
