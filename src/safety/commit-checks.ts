import { AppError } from '../errors/app-error.js';
import { accountFrozen } from './freeze-refusal.js';
import type { Spend } from './spend.js';
import type { WriteOrigin } from './write-call.js';
import type { WriteArguments, WriteOperation, WritePreview } from './write-operation.js';

/** Everything that a commit needs before it may be sent. */
export interface CommitRequest {
  readonly source: 'tool' | 'api';
  readonly operation: WriteOperation;
  readonly args: WriteArguments;
  readonly preview: WritePreview;
  readonly spend: Spend;
  readonly idempotencyKey: string;
  /** Of the client's own key, where it sent one; unique in the ledger, too. */
  readonly clientKeyHash: Uint8Array<ArrayBuffer> | undefined;
  /** A person was asked and said yes. */
  readonly confirmed: boolean;
  readonly origin: WriteOrigin;
}

/** What the first transaction found, under its locks. */
export interface OpeningFacts {
  readonly frozenAt: Date | null;
  /** Undefined: revoked, expired, or never there. */
  readonly credential:
    | { readonly scopes: readonly string[]; readonly maxTradeUsdt: number | null; readonly writePolicy: string | null }
    | undefined;
  /** What was to be spent was spent, or would have been, had nothing else been against it. */
  readonly spendable: boolean;
  /** A commit for the same trade that has not ended; null: there is none. */
  readonly openCommitId: string | null;
  /** Before this one. */
  readonly commitsThisHour: number;
  readonly hourEndsInS: number;
  readonly commitsPerHour: number;
  readonly settingsUrl: string;
}

/** What was to be spent, or the client's key, is not there to be spent. Why, whoever spends knows. */
export class NotSpendable extends Error {}

/** When it is worth asking again while a commit is under way: about as long as a PUT may take. */
export const IN_PROGRESS_RETRY_S = 5;

type OpeningCheck = (facts: OpeningFacts, request: CommitRequest) => void;

/**
 * THE policy of the first transaction; the order is what a caller with several problems is told first. The transaction itself
 * holds it, too, as one condition in SQL, so that nothing is written that would have to be taken back.
 */
export const OPENING_CHECKS: readonly OpeningCheck[] = [
  credentialLives,
  credentialMayWrite,
  accountNotFrozen,
  personConfirmed,
  withinCap,
  spendable,
  noOtherIsOpen,
  withinHourlyLimit,
];

function credentialLives({ credential }: OpeningFacts): void {
  if (credential === undefined) throw new AppError('credential_revoked');
}

/** Both what the token says now and what the caller was let in with: a right that was taken away since does not count. */
function credentialMayWrite({ credential }: OpeningFacts, { origin }: CommitRequest): void {
  const both = credential?.scopes.includes('write:trades') === true && origin.principal.scopes.has('write:trades');
  if (!both) throw new AppError('credential_revoked', { detail: 'The credential may not write any more.' });
}

function accountNotFrozen({ frozenAt, settingsUrl }: OpeningFacts): void {
  if (frozenAt !== null) throw accountFrozen(frozenAt, settingsUrl);
}

function personConfirmed({ credential }: OpeningFacts, { origin, confirmed }: CommitRequest): void {
  const required = credential?.writePolicy !== 'token_only' || origin.principal.writePolicy !== 'token_only';
  if (required && !confirmed) throw new AppError('confirmation_required');
}

/** The cap as the credential's row has it now. */
function withinCap({ credential }: OpeningFacts, { operation, preview }: CommitRequest): void {
  const amount = operation.capAmount(preview.facts);
  const cap = credential?.maxTradeUsdt ?? null;
  if (amount === undefined || cap === null || amount <= cap) return;
  throw new AppError('cap_exceeded', {
    detail: `This trade is ${amount} USDT; this credential may approve at most ${cap} USDT.`,
    data: { size_usdt: amount, max_trade_usdt: cap },
  });
}

function spendable(facts: OpeningFacts): void {
  if (!facts.spendable) throw new NotSpendable();
}

function noOtherIsOpen({ openCommitId }: OpeningFacts, { operation }: CommitRequest): void {
  if (!operation.exclusive || openCommitId === null) return;
  throw new AppError('commit_in_progress', {
    data: { commit_id: openCommitId },
    retryAfterSeconds: IN_PROGRESS_RETRY_S,
  });
}

function withinHourlyLimit({ commitsThisHour, commitsPerHour, hourEndsInS }: OpeningFacts): void {
  if (commitsThisHour < commitsPerHour) return;
  const seconds = Math.max(1, Math.ceil(hourEndsInS));
  throw new AppError('commit_limit_reached', {
    detail: `This account has made ${commitsThisHour} writes within an hour, and ${commitsPerHour} are allowed. Wait ${seconds} seconds.`,
    retryAfterSeconds: seconds,
  });
}
