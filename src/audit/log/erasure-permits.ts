import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '../../database/prisma.service.js';
import { type ErasureKind, OPERATOR, signErasure } from './erasure.js';
import { ERASED_TEXT } from './row-leaf.js';
import { Sealer, SIGNING_KEY } from './sealer.js';
import type { SeqRanges } from './seq-ranges.js';
import type { SigningKey } from './signing-key.js';

const SEALED_WITHIN_MS = 30_000;
/** Another instance is sealing at this moment. */
const PAUSE_MS = 100;

/** Signed rows that say which leaves an erasure is about: sealed before anything is erased. */
@Injectable()
export class ErasurePermits {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sealer: Sealer,
    @Inject(SIGNING_KEY) private readonly key: SigningKey,
  ) {}

  /**
   * Writes the row that permits it, and waits until it is sealed.
   * @param signal ends the waiting; what it permits may be done all the same
   * @throws Error when it is not sealed in time
   */
  async permit(kind: ErasureKind, rows: SeqRanges, signal?: AbortSignal): Promise<void> {
    const args = JSON.stringify(signErasure({ kind, rows }, this.key));
    const [{ id }] = await this.prisma.$queryRaw<[{ id: bigint }]>`
      INSERT INTO audit_events (at, user_id, credential_kind, credential_id, transport, operation, arguments, outcome,
        duration_ms, upstream_ms, request_id)
      VALUES (clock_timestamp(), ${ERASED_TEXT}, ${OPERATOR}, ${OPERATOR}, 'cli', ${`audit.${kind}`}, ${args}::jsonb, 'ok',
        0, 0, gen_random_uuid()::text)
      RETURNING id`;
    const deadline = performance.now() + SEALED_WITHIN_MS;
    for (;;) {
      await this.sealer.sealAll();
      if (await this.isSealed(id)) return;
      signal?.throwIfAborted();
      if (performance.now() > deadline)
        throw new Error('The row that permits this was not sealed in time; nothing was erased. Try again.');
      await delay(PAUSE_MS);
    }
  }

  private async isSealed(id: bigint): Promise<boolean> {
    return (await this.prisma.auditLeaf.findUnique({ where: { eventId: id } })) !== null;
  }
}
