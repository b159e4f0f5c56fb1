import type { Pool } from 'pg';
import type { SandboxControl } from '../../src/sandbox/sandbox-control.js';
import type { AuditRow, Evidence, LedgerRow, Put, TokenRow } from './evidence.js';
import type { History } from './history.js';

const TOOLS: Readonly<Record<string, string>> = { approve: 'approve_pending_trade', close: 'close_position' };
const WRITE = /^\/trade\/(approve|close)\/([^/?]+)/;
/** On a machine that has other things to do, from the last look at the clock to the arrival, once it is under way. */
const ARRIVAL_MARGIN_MS = 1_000;

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Reads everything that a run left: in the sandbox, in the database, and in the driver's own history. */
export async function collectEvidence(
  db: Pool,
  sandbox: SandboxControl,
  history: History,
  upstreamMs: number,
): Promise<Evidence> {
  const tokens = await db.query<TokenRow>(`
    SELECT encode(token_hash, 'hex') AS hash, ${ms('expires_at')} AS "expiresAt", used_at IS NOT NULL AS used
      FROM action_tokens`);
  const commits = await db.query<LedgerRow>(`
    SELECT id, encode(token_hash, 'hex') AS "tokenHash", idempotency_key AS key, user_id AS user,
           credential_id AS "credentialId", status, ${ms('created_at')} AS "createdAt", ${ms('send_before')} AS "sendBefore"
      FROM commits ORDER BY created_at`);
  const audits = await db.query<AuditRow>(`
    SELECT arguments->>'commit_id' AS "commitId", outcome, ${ms('at')} AS at
      FROM audit_events WHERE arguments ? 'commit_id' ORDER BY id`);
  return {
    events: history.events,
    puts: putsOf(sandbox),
    effects: sandbox.journal().map(({ at, user, action, id, idempotency_key: key }) => ({
      at: Date.parse(at),
      user,
      tool: TOOLS[action]!,
      target: id,
      key,
    })),
    tokens: tokens.rows,
    commits: commits.rows,
    audits: audits.rows,
    clock: await compareClocks(db),
    putMs: upstreamMs + ARRIVAL_MARGIN_MS,
  };
}

function putsOf(sandbox: SandboxControl): Put[] {
  return sandbox.requests.snapshot().writes.map(({ at, user, path, idempotency_key: key }) => {
    const [, action = '', target = path] = WRITE.exec(path) ?? [];
    return { at: Date.parse(at), user, tool: TOOLS[action] ?? action, target: decodeURIComponent(target), key };
  });
}

async function compareClocks(db: Pool): Promise<Evidence['clock']> {
  const before = Date.now();
  const { rows } = await db.query<{ now: number }>(`SELECT ${ms('clock_timestamp()')} AS now`);
  const after = Date.now();
  return { offsetMs: rows[0]!.now - (before + after) / 2, errorMs: (after - before) / 2 };
}
