import { Client } from 'pg';

/** What the names of the tokens say that has become of them. */
export const AGED = { expiring: 'Expires in three days', unused: 'Not used for two months' } as const;

const STATEMENTS = {
  tokens: `UPDATE personal_access_tokens SET
      created_at = now() - interval '87 days',
      last_used_at = now() - CASE name WHEN '${AGED.unused}' THEN interval '61 days' ELSE interval '2 hours' END,
      last_used_ip = '192.0.2.7', last_used_client = 'claude-code/2.1.0',
      expires_at = now() + CASE name WHEN '${AGED.unused}' THEN interval '200 days' ELSE interval '3 days' END
    WHERE name IN ('${AGED.expiring}', '${AGED.unused}')`,
  // As a commit stands whose answer from TradeCafe was lost: it is due only when nobody looks any more.
  writes: `INSERT INTO commits (token_hash, user_id, credential_kind, credential_id, source, tool, target_id, arguments,
      preview, idempotency_key, status, send_before, due_at, request_id)
    SELECT sha256(tool::bytea), user_id, 'pat', id::text, 'tool', tool, 'pos', '{}', '{}', 'in-flight-' || tool, 'unknown',
      now(), now() + interval '1 hour', 'x'
    FROM (SELECT * FROM personal_access_tokens WHERE name = '${AGED.expiring}') AS token,
      unnest(ARRAY['close_position', 'approve_pending_trade']) AS tool`,
  arrived: `DELETE FROM commits WHERE idempotency_key LIKE 'in-flight-%'`,
} as const;

/** Brings about in the service's database what otherwise takes months, or a crash at the right moment. */
export async function pass(databaseUrl: string, what: keyof typeof STATEMENTS): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(STATEMENTS[what]);
  } finally {
    await client.end();
  }
}
