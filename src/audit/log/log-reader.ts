import type { ClientBase } from 'pg';
import { type CopyFields, copyOut } from '../../database/copy.js';
import type { Checkpoint } from './checkpoint.js';
import type { LoggedLeaf } from './log-verifier.js';
import { SEALED_ROW_COLUMNS, type SealedRow, sealedRowOfValues } from './sealed-row.js';

/** The parts of a log in the order in which they are verified. */
export type LogPart =
  | { readonly type: 'leaf'; readonly leaf: LoggedLeaf }
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly type: 'unsealed'; readonly row: SealedRow; readonly awaited: boolean };

/** Rows of one COPY: what whoever reads slowly has in memory. */
const PAGE = 5_000;

const CHECKPOINTS = `
  SELECT json_build_object('tree_size', tree_size, 'root', encode(root, 'hex'),
    'previous_root', encode(previous_root, 'hex'), 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'key_id', key_id, 'signature', encode(signature, 'hex')) AS part
  FROM audit_checkpoints WHERE tree_size > $1 AND tree_size <= $2 ORDER BY tree_size`;
const leavesUpTo = (first: number, last: number): string => `COPY (
  SELECT l.seq, l.event_id, encode(l.leaf, 'hex'), ${SEALED_ROW_COLUMNS}
  FROM audit_leaves AS l LEFT JOIN audit_events AS e ON e.id = l.event_id
  WHERE l.seq BETWEEN ${first} AND ${last} ORDER BY l.seq) TO STDOUT`;
const UNSEALED = `COPY (
  SELECT u.event_id IS NOT NULL, ${SEALED_ROW_COLUMNS}
  FROM audit_events AS e LEFT JOIN audit_unsealed AS u ON u.event_id = e.id
  WHERE NOT EXISTS (SELECT FROM audit_leaves AS l WHERE l.event_id = e.id) ORDER BY e.id) TO STDOUT`;

/**
 * Reads the whole log.
 * @param client inside a REPEATABLE READ transaction: what is sealed or pruned meanwhile must not look like tampering
 * @param onPart called for each part as it comes in
 * @param afterPage waited for every few thousand parts: where to wait for a slow reader
 */
export async function readLog(
  client: ClientBase,
  onPart: (part: LogPart) => void,
  afterPage: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  let covered = 0;
  for (let end = await endOfPage(client, -1); end !== undefined; end = await endOfPage(client, end)) {
    const checkpoints = await checkpointsOf(client, covered, end + 1);
    let next = 0;
    await copyOut(client, leavesUpTo(covered, end), (fields) => {
      const leaf = leafOfFields(fields);
      onPart({ type: 'leaf', leaf });
      while (next < checkpoints.length && checkpoints[next]!.tree_size <= leaf.seq + 1)
        onPart({ type: 'checkpoint', checkpoint: checkpoints[next++]! });
    });
    await afterPage();
    covered = end + 1;
  }
  for (const checkpoint of await checkpointsOf(client, covered, Number.MAX_SAFE_INTEGER))
    onPart({ type: 'checkpoint', checkpoint });
  await copyOut(client, UNSEALED, (fields) =>
    onPart({ type: 'unsealed', awaited: fields[0] === 't', row: sealedRowOfValues(fields, 1) }),
  );
  await afterPage();
}

/** The number of the last leaf of the page after a leaf; undefined: that was the last one. */
async function endOfPage(client: ClientBase, last: number): Promise<number | undefined> {
  const { rows } = await client.query<{ seq: string | null }>(
    `SELECT max(seq) AS seq FROM (SELECT seq FROM audit_leaves WHERE seq > $1 ORDER BY seq LIMIT ${PAGE}) AS page`,
    [last],
  );
  const seq = rows[0]?.seq;
  return seq === null || seq === undefined ? undefined : Number(seq);
}

async function checkpointsOf(client: ClientBase, above: number, upTo: number): Promise<readonly Checkpoint[]> {
  const { rows } = await client.query<{ part: Checkpoint }>(CHECKPOINTS, [above, upTo]);
  return rows.map(({ part }) => part);
}

function leafOfFields(fields: CopyFields): LoggedLeaf {
  const [seq, eventId, leaf, id] = fields;
  return {
    seq: Number(seq),
    event_id: Number(eventId),
    leaf: leaf!,
    row: id === null ? null : sealedRowOfValues(fields, 3),
  };
}
