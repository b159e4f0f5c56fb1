import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../errors/error-table.js';
import type { Prisma } from '../generated/prisma/client.js';
import { AppError } from '../errors/app-error.js';
import { type AuditEntry, toAuditRow } from './audit-row.js';
import { insertAuditRows } from './insert-audit-rows.js';
import { OPERATOR } from './log/erasure.js';
import type { AuditedValue } from './redact.js';

/** Whose call it is, and where it came from. */
export type AuditOrigin = Pick<AuditEntry, 'actor' | 'transport' | 'requestId' | 'traceId' | 'clientName' | 'address'>;

/** What people, and the operator, do to what a user's clients may do. Stands in the log as the operation. */
export type AccountAction =
  | 'token.create'
  | 'token.rotate'
  | 'token.revoke'
  | 'token.revoke_all'
  | 'app.allow'
  | 'app.end'
  | 'app.end_all'
  | 'writes.stop'
  | 'writes.resume';

/** Names of ours with values that say what it was about; never a secret. */
export type ActionDetails = Readonly<Record<string, AuditedValue>>;

/** Whoever has a shell on the service's machine, acting on a user's account. */
export function operatorOrigin(userId: string): AuditOrigin {
  return {
    actor: { userId, kind: OPERATOR, credentialId: OPERATOR, credentialName: null },
    transport: 'cli',
    requestId: randomUUID(),
  };
}

/** Form slips and repetitions are no news for the log; all else that was refused is. */
const NO_NEWS: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'token_already_created']);

/**
 * Records what was done, in the transaction that does it: both or neither.
 * @param database the transaction
 */
export async function recordAction(
  database: Pick<Prisma.TransactionClient, '$executeRaw'>,
  by: AuditOrigin,
  operation: AccountAction,
  details: ActionDetails = {},
): Promise<void> {
  const row = toAuditRow({ ...by, operation, details, outcome: 'ok', durationMs: 0 }, new Date());
  await insertAuditRows(database, [row]);
}

/**
 * Does what was asked for; a refusal is recorded before it is passed on.
 * @throws what `action` throws
 */
export async function recordingRefusal<Result>(
  database: Pick<Prisma.TransactionClient, '$executeRaw'>,
  by: AuditOrigin,
  operation: AccountAction,
  details: ActionDetails,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof AppError) || NO_NEWS.has(error.code)) throw error;
    const outcome = error.entry.status < 500 ? 'denied' : 'error';
    const row = toAuditRow({ ...by, operation, details, outcome, code: error.code, durationMs: 0 }, new Date());
    await insertAuditRows(database, [row]);
    throw error;
  }
}
