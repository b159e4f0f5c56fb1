import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../auth/principal.js';
import { PrismaService } from '../database/prisma.service.js';
import { AppError } from '../errors/app-error.js';
import { PwaBeClient } from '../pwa-be/pwa-be.client.js';
import { idempotencyKeyOf } from './action-token.js';
import { clientKeyHash } from './client-key.js';
import { NotSpendable } from './commit-checks.js';
import { Committer } from './committer.js';
import { ledgerCredentialId } from './credential-lock.js';
import { type KeyedCommit, KeyedWrites } from './keyed-writes.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
import { spendRead } from './spend.js';
import type { WriteOrigin, WriteOutcome } from './write-call.js';
import { WRITE_OPERATIONS, type WriteArguments, type WriteOperation } from './write-operation.js';

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
    private readonly keyed: KeyedWrites,
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
    const keyHash = clientKeyHash(principal, clientKey);
    if (keyHash === undefined) throw new AppError('idempotency_key_required');
    const args = { [operation.argument]: id };
    const answer = ({ result }: KeyedCommit) => result ?? {};
    return this.keyed.once({ keyHash, operation, args, origin, answer }, () =>
      this.attempt(operation, args, keyHash, origin),
    );
  }

  private async attempt(
    operation: WriteOperation,
    args: WriteArguments,
    keyHash: Uint8Array<ArrayBuffer>,
    origin: WriteOrigin,
  ): Promise<WriteOutcome> {
    const { principal } = origin;
    const upstream = this.pwaBe.forUser(principal.userId, { deadlineMs: this.timing.previewMs });
    const preview = await operation.preview(upstream, args);
    const spend = spendRead(keyHash, principal, preview.facts.id);
    const spent = { spend, idempotencyKey: idempotencyKeyOf(keyHash), clientKeyHash: keyHash };
    try {
      const request = { source: 'api', operation, args, preview, ...spent, confirmed: false, origin } as const;
      const { result, error, recorded } = await this.committer.commit(request);
      if (error !== undefined) return { kind: 'failed', error, recorded };
      return { kind: 'done', structured: result ?? {}, recorded };
    } catch (error) {
      if (!(error instanceof NotSpendable)) throw error;
      throw new AppError('trade_not_read', { cause: error });
    }
  }
}
