/**
 * THE list of what audit_events says of an event, column by column with its PostgreSQL type: whatever writes, seals,
 * exports or shows rows goes by it, in this order.
 */
export const EVENT_COLUMN_TYPES = {
  at: 'timestamptz(3)',
  user_id: 'text',
  credential_kind: 'text',
  credential_id: 'text',
  credential_name: 'text',
  client_id: 'text',
  client_name: 'text',
  transport: 'text',
  operation: 'text',
  arguments: 'jsonb',
  outcome: 'text',
  code: 'text',
  duration_ms: 'float8',
  upstream_ms: 'float8',
  request_id: 'text',
  trace_id: 'text',
  address: 'text',
} as const;

export type EventColumn = keyof typeof EVENT_COLUMN_TYPES;

export const EVENT_COLUMNS = Object.keys(EVENT_COLUMN_TYPES) as readonly EventColumn[];
