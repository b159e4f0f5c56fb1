import type { ClientBase } from 'pg';
import type { Checkpoint } from './checkpoint.js';
import type { LoggedLeaf } from './log-verifier.js';
import { SEALED_ROW_SQL, type SealedRow } from './sealed-row.js';

/** The parts of a log in the order in which they are verified. */
export type LogPart =
  | { readonly type: 'leaf'; readonly leaf: LoggedLeaf }
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly type: 'unsealed'; readonly row: SealedRow; readonly awaited: boolean };

const PAGE = 5_000;

const CHECKPOINTS = `
  SELECT json_build_object('tree_size', tree_size, 'root', encode(root, 'hex'),
    'previous_root', encode(previous_root, 'hex'), 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'key_id', key_id, 'signature', encode(signature, 'hex'))::text AS part
  FROM audit_checkpoints WHERE tree_size > $1 AND tree_size <= $2 ORDER BY tree_size`;
const LEAVES = `
  SELECT json_build_object('seq', l.seq, 'event_id', l.event_id, 'leaf', encode(l.leaf, 'hex'),
    'row', CASE WHEN e.id IS NOT NULL THEN ${SEALED_ROW_SQL} END)::text AS part
  FROM audit_leaves AS l LEFT JOIN audit_events AS e ON e.id = l.event_id
  WHERE l.seq > $1 ORDER BY l.seq LIMIT ${PAGE}`;
const UNSEALED = `
  SELECT json_build_object('row', ${SEALED_ROW_SQL}, 'awaited', u.event_id IS NOT NULL)::text AS part
  FROM audit_events AS e LEFT JOIN audit_unsealed AS u ON u.event_id = e.id
  WHERE e.id > $1 AND NOT EXISTS (SELECT FROM audit_leaves AS l WHERE l.event_id = e.id) ORDER BY e.id LIMIT ${PAGE}`;

/**
 * Reads the whole log, a page at a time.
 * @param client inside a REPEATABLE READ transaction: what is sealed or pruned meanwhile must not look like tampering
 */
export async function* readLog(client: ClientBase): AsyncGenerator<LogPart> {
  const page = async <T>(sql: string, values: unknown[]): Promise<T[]> =>
    (await client.query<{ part: string }>(sql, values)).rows.map(({ part }) => JSON.parse(part) as T);

  let last = -1;
  let covered = 0;
  for (;;) {
    const leaves = await page<LoggedLeaf>(LEAVES, [last]);
    if (leaves.length === 0) break;
    const end = leaves.at(-1)!.seq;
    const checkpoints = await page<Checkpoint>(CHECKPOINTS, [covered, end + 1]);
    let next = 0;
    for (const leaf of leaves) {
      yield { type: 'leaf', leaf };
      while (next < checkpoints.length && checkpoints[next]!.tree_size <= leaf.seq + 1)
        yield { type: 'checkpoint', checkpoint: checkpoints[next++]! };
    }
    last = end;
    covered = end + 1;
  }
  for (const checkpoint of await page<Checkpoint>(CHECKPOINTS, [covered, Number.MAX_SAFE_INTEGER]))
    yield { type: 'checkpoint', checkpoint };
  for (let id = 0; ;) {
    const rows = await page<{ row: SealedRow; awaited: boolean }>(UNSEALED, [id]);
    for (const row of rows) yield { type: 'unsealed', ...row };
    if (rows.length < PAGE) return;
    id = rows.at(-1)!.row.id;
  }
}
