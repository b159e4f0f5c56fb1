import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { copyField, copyIn } from '../database/copy.js';
import type { AuditRow } from './audit-row.js';
import { EVENT_COLUMNS } from './event-columns.js';

const COPY = `COPY audit_events (${EVENT_COLUMNS.join(', ')}, salt, address_salt) FROM STDIN`;

/** Writes rows, in their order, all or none. Their salts are made here, where that costs a tenth. */
export async function copyAuditRows(pool: Pool, rows: readonly AuditRow[]): Promise<void> {
  const text = rows.map(copyLine).join('');
  const client = await pool.connect();
  // The copy's own error says it, too; without a listener the event of a lost connection would end the process.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let failure: Error | undefined;
  try {
    await copyIn(client, COPY, text);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // After an error nobody knows what the connection still waits for: it is closed.
    client.off('error', ignore);
    client.release(failure);
  }
}

function copyLine(row: AuditRow): string {
  let line = '';
  for (const column of EVENT_COLUMNS) line += `${copyField(textOf(row[column]))}\t`;
  return `${line}${randomUUID()}\t${randomUUID()}\n`;
}

function textOf(value: AuditRow[keyof AuditRow]): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}
