import { randomUUID } from 'node:crypto';
import { type Checkpoint, signCheckpoint } from '../../src/audit/log/checkpoint.js';
import type { LoggedLeaf, LogVerifier } from '../../src/audit/log/log-verifier.js';
import { MerkleFrontier } from '../../src/audit/log/merkle-frontier.js';
import { leafOf } from '../../src/audit/log/row-leaf.js';
import type { SealedRow } from '../../src/audit/log/sealed-row.js';
import { type SigningKey, signingKey } from '../../src/audit/log/signing-key.js';

export const KEY = signingKey(Buffer.alloc(32, 1).toString('base64'));
export const OTHER_KEY = signingKey(Buffer.alloc(32, 2).toString('base64'));

/** A log in memory, as a reader hands it to a verifier. */
export interface MemoryLog {
  readonly leaves: LoggedLeaf[];
  readonly checkpoints: Checkpoint[];
}

const START = Date.UTC(2026, 0, 1);

/** The row with this id, as the service would have written it. */
export function generatedRow(id: number, more: Partial<SealedRow> = {}): SealedRow {
  return {
    id,
    at: new Date(START + id * 10).toISOString(),
    user_id: `usr_${id % 100}`,
    credential_kind: 'pat',
    credential_id: '3f0c2a2e-1111-4222-8333-123456789abc',
    credential_name: 'laptop',
    client_id: null,
    client_name: 'claude-desktop/1.2.3',
    transport: 'mcp',
    operation: 'get_positions',
    arguments: { status: 'open', limit: 20 },
    outcome: 'ok',
    code: null,
    duration_ms: 12.346,
    upstream_ms: 7.5,
    request_id: `0e8d7f16-2222-4333-8444-${String(id).padStart(12, '0')}`,
    trace_id: null,
    address: `192.0.2.${id % 256}`,
    salt: randomUUID(),
    address_salt: randomUUID(),
    personal_digest: null,
    address_digest: null,
    ...more,
  };
}

/** Seals rows as the sealer does, so many a checkpoint. */
export function sealedLog(rows: readonly SealedRow[], batchSize: number, key: SigningKey = KEY): MemoryLog {
  const tree = new MerkleFrontier();
  const log: MemoryLog = { leaves: [], checkpoints: [] };
  let previous_root = tree.root();
  for (const [i, row] of rows.entries()) {
    const leaf = leafOf(row);
    log.leaves.push({ seq: i, event_id: row.id, leaf, row });
    tree.append(leaf);
    if (tree.size % batchSize !== 0 && tree.size !== rows.length) continue;
    const root = tree.root();
    log.checkpoints.push(signCheckpoint({ tree_size: tree.size, root, previous_root, at: row.at }, key));
    previous_root = root;
  }
  return log;
}

/** Shows a log to a verifier, each checkpoint after the leaves it claims to cover. */
export function replay(log: MemoryLog, verifier: LogVerifier): void {
  let next = 0;
  for (const [i, leaf] of log.leaves.entries()) {
    verifier.leaf(leaf);
    while (next < log.checkpoints.length && log.checkpoints[next]!.tree_size === i + 1)
      verifier.checkpoint(log.checkpoints[next++]!);
  }
  for (; next < log.checkpoints.length; next++) verifier.checkpoint(log.checkpoints[next]!);
}
