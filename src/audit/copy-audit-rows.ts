import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { copyField, copyIn } from '../database/copy.js';
import { withConnection } from '../database/pooled-connection.js';
import type { AuditRow } from './audit-row.js';
import { EVENT_COLUMNS } from './event-columns.js';

const COPY = `COPY audit_events (${EVENT_COLUMNS.join(', ')}, salt, address_salt) FROM STDIN`;

/** Writes rows, in their order, all or none. Their salts are made here, where that costs a tenth. */
export async function copyAuditRows(pool: Pool, rows: readonly AuditRow[]): Promise<void> {
  const text = rows.map(copyLine).join('');
  await withConnection(pool, (client) => copyIn(client, COPY, text));
}

/** Written out for speed, in the order of EVENT_COLUMNS. */
function copyLine(row: AuditRow): string {
  return (
    `${timeText(row.at)}\t` +
    textField(row.user_id) +
    textField(row.credential_kind) +
    textField(row.credential_id) +
    textField(row.credential_name) +
    textField(row.client_id) +
    textField(row.client_name) +
    textField(row.transport) +
    textField(row.operation) +
    textField(JSON.stringify(row.arguments)) +
    textField(row.outcome) +
    textField(row.code) +
    `${row.duration_ms}\t${row.upstream_ms}\t` +
    textField(row.request_id) +
    textField(row.trace_id) +
    textField(row.address) +
    `${randomUUID()}\t${randomUUID()}\n`
  );
}

function textField(value: string | null): string {
  return `${copyField(value)}\t`;
}

let lastTime = Number.NaN;
let lastTimeText = '';

/** Under load many rows are of the same millisecond, and nothing else in a line costs as much as this. */
function timeText(at: Date): string {
  const time = at.getTime();
  if (time !== lastTime) {
    lastTimeText = at.toISOString();
    lastTime = time;
  }
  return lastTimeText;
}
