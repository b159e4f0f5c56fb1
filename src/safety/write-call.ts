import type { AuditEntry } from '../audit/audit-row.js';
import type { Principal } from '../auth/principal.js';
import type { AppError } from '../errors/app-error.js';
import type { InputRequest } from './human-confirmation.js';

/** Where a write came from, for the audit log. */
export type WriteOrigin = Pick<
  AuditEntry,
  'transport' | 'operation' | 'args' | 'requestId' | 'traceId' | 'clientName' | 'address'
> & {
  readonly principal: Principal;
  /** `performance.now()` when the call came in. */
  readonly startedAt: number;
};

/**
 * What a write came to. `recorded`: its audit rows are in its own transactions, nobody else must write one.
 */
export type WriteOutcome =
  | { readonly kind: 'done'; readonly structured: Record<string, unknown>; readonly recorded: boolean }
  | { readonly kind: 'failed'; readonly error: AppError; readonly recorded: boolean }
  | { readonly kind: 'input_required'; readonly request: InputRequest };
