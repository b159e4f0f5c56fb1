import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../auth/principal.js';
import { PrismaService } from '../database/prisma.service.js';
import { AppError } from '../errors/app-error.js';
import { Prisma } from '../generated/prisma/client.js';
import { PwaBeClient } from '../pwa-be/pwa-be.client.js';
import { idempotencyKeyOf, sha256 } from './action-token.js';
import { apiOutcome } from './api-outcome.js';
import { clientKeyOf } from './client-key.js';
import { NotSpendable, type Spend } from './commit-checks.js';
import type { CommitRow } from './commit-view.js';
import { Committer } from './committer.js';
import { ledgerCredentialId } from './credential-lock.js';
import { canonicalJson } from './canonical-json.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
import type { WriteOrigin, WriteOutcome } from './write-call.js';
import { WRITE_OPERATIONS, type WriteOperation } from './write-operation.js';

/** An earlier write under the same Idempotency-Key. */
type EarlierCommit = CommitRow & { readonly requested_id: string };

/**
 * Writes of clients that speak pwa-be's own paths and keep their own gate: the same ledger, and instead of an action
 * token the proof that this credential looked at the trade a moment ago.
 */
@Injectable()
export class ApiWriteGate {
  constructor(
    private readonly prisma: PrismaService,
    private readonly committer: Committer,
    private readonly pwaBe: PwaBeClient,
    @Inject(WRITE_OPERATIONS) private readonly operations: readonly WriteOperation[],
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
  ) {}

  /**
   * Notes that a credential was shown these rows of `/trade/active`; each entitles it to one write within five minutes.
   * Nothing is stored for a credential that may not write.
   * @param tradeIds pwa-be's own ids
   */
  async recordReads(principal: Principal, tradeIds: readonly string[]): Promise<void> {
    if (!principal.scopes.has('write:trades') || tradeIds.length === 0) return;
    await this.prisma.$executeRaw`
      INSERT INTO trade_reads (credential_id, trade_id, read_at)
      SELECT ${ledgerCredentialId(principal)}, id, clock_timestamp() FROM unnest(${[...new Set(tradeIds)]}::text[]) AS id
          ON CONFLICT (credential_id, trade_id) DO UPDATE SET read_at = clock_timestamp(), used_at = NULL`;
  }

  /**
   * Carries out one write. Repeated with the same key it is not carried out again: the answer is what became of it.
   * @param id as the client's path names it
   * @param clientKey the client's Idempotency-Key
   * @throws AppError of a refusal of ours, with nothing sent and the read not used; or a database error
   */
  async commitApiWrite(
    action: WriteOperation['action'],
    id: string,
    clientKey: string | undefined,
    origin: WriteOrigin,
  ): Promise<WriteOutcome> {
    const operation = this.operations.find((candidate) => candidate.action === action);
    if (operation === undefined) throw new Error(`no operation for ${action}`);
    const { principal } = origin;
    const hash = keyHash(principal, clientKey);
    const known = await this.known(hash, operation, id);
    if (known !== undefined) return known;
    const upstream = this.pwaBe.forUser(principal.userId, { deadlineMs: this.timing.previewMs });
    const preview = await operation.preview(upstream, { [operation.argument]: id }).catch(async (error: unknown) => {
      // The trade may be gone because an equal request was faster: then what became of that one is the answer.
      const meanwhile = await this.known(hash, operation, id);
      if (meanwhile === undefined) throw error;
      return meanwhile;
    });
    if ('kind' in preview) return preview;
    const spend = spendRead(principal, preview.facts.id, hash);
    const idempotencyKey = idempotencyKeyOf(hash);
    const args = { [operation.argument]: id };
    try {
      const request = {
        source: 'api',
        operation,
        args,
        preview,
        spend,
        idempotencyKey,
        confirmed: false,
        origin,
      } as const;
      const { result, error, recorded } = await this.committer.commit(request);
      if (error !== undefined) return { kind: 'failed', error, recorded };
      return { kind: 'done', structured: result ?? {}, recorded };
    } catch (error) {
      if (!(error instanceof NotSpendable)) throw error;
      const meanwhile = await this.known(hash, operation, id);
      if (meanwhile !== undefined) return meanwhile;
      throw new AppError('trade_not_read');
    }
  }

  /** What became of an earlier write with this key; undefined: there was none. */
  private async known(hash: Uint8Array, operation: WriteOperation, id: string): Promise<WriteOutcome | undefined> {
    const [row] = await this.prisma.$queryRaw<EarlierCommit[]>`
      SELECT id, tool, target_id, status, created_at, finished_at, upstream_status, upstream_message, result, observation,
             arguments ->> ${operation.argument} AS requested_id
        FROM commits WHERE token_hash = ${hash}`;
    if (row === undefined) return undefined;
    if (row.tool !== operation.tool || row.requested_id !== id) throw new AppError('idempotency_key_reused');
    return apiOutcome(row);
  }
}

/** @throws AppError idempotency_key_required, invalid_request */
function keyHash(principal: Principal, clientKey: string | undefined): Uint8Array<ArrayBuffer> {
  const key = clientKeyOf(clientKey);
  if (key === undefined) throw new AppError('idempotency_key_required');
  return sha256(canonicalJson(['api', principal.kind, ledgerCredentialId(principal), key]));
}

function spendRead(principal: Principal, tradeId: string, hash: Uint8Array<ArrayBuffer>): Spend {
  return {
    hash,
    statement: Prisma.sql`
      UPDATE trade_reads SET used_at = clock_timestamp()
       WHERE credential_id = ${ledgerCredentialId(principal)} AND trade_id = ${tradeId}
         AND used_at IS NULL AND read_at > clock_timestamp() - interval '5 minutes'
         AND NOT EXISTS (SELECT FROM commits WHERE token_hash = ${hash})
      RETURNING NULL::timestamptz AS expires_at`,
  };
}
