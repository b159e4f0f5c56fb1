import { AuditService } from '../../src/audit/audit.service.js';
import type { AuditEntry } from '../../src/audit/audit-row.js';
import { signCheckpoint } from '../../src/audit/log/checkpoint.js';
import { CheckpointSink } from '../../src/audit/log/checkpoint-sink.js';
import { ErasurePermits } from '../../src/audit/log/erasure-permits.js';
import { readHead, writeHead } from '../../src/audit/log/head-of-log.js';
import { LogVerifier, type VerificationReport } from '../../src/audit/log/log-verifier.js';
import { Pruner } from '../../src/audit/log/pruner.js';
import { leafOf } from '../../src/audit/log/row-leaf.js';
import type { SealedRow } from '../../src/audit/log/sealed-row.js';
import { Sealer } from '../../src/audit/log/sealer.js';
import { KeyRing } from '../../src/audit/log/signing-key.js';
import { UserEraser } from '../../src/audit/log/user-eraser.js';
import { readDatabase, verifyDatabase } from '../../src/cli/audit-verify.js';
import type { Config } from '../../src/config/config.js';
import { inTransaction } from '../../src/database/pooled-connection.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import type { Logger } from '../../src/logging/logger.js';
import { KEY } from './generated-log.js';

/** What one instance of the service does to the log, without the rest of it. */
export interface LogInstance {
  readonly prisma: PrismaService;
  readonly audit: AuditService;
  readonly sink: CheckpointSink;
  readonly sealer: Sealer;
  readonly permits: ErasurePermits;
  readonly pruner: Pruner;
  readonly eraser: UserEraser;
}

/** An instance on a database; whoever opens it disconnects its `prisma`. */
export function logInstance(url: string, logger: Logger, checkpointSink?: string): LogInstance {
  const prisma = new PrismaService({ url });
  const audit = new AuditService(prisma, logger);
  const sink = new CheckpointSink({ audit: { checkpointSink } } as Config, logger);
  const sealer = new Sealer(prisma, logger, KEY, sink, audit);
  const permits = new ErasurePermits(prisma, sealer, KEY);
  const [pruner, eraser] = [new Pruner(prisma, permits), new UserEraser(prisma, sealer, permits)];
  return { prisma, audit, sink, sealer, permits, pruner, eraser };
}

/** Empties the log. */
export async function emptyLog(prisma: PrismaService): Promise<void> {
  await prisma.$executeRaw`
    TRUNCATE audit_events, audit_unsealed, audit_leaves, audit_checkpoints, audit_frontier, audit_retention`;
}

/** A call of one of three users, from an IPv4 or an IPv6 address. */
export function logEntry(n: number, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    actor: { userId: `usr_${n % 3}`, kind: 'pat', credentialId: 'c', credentialName: 'laptop' },
    transport: 'mcp',
    operation: 'get_positions',
    args: { status: 'open', limit: 5, '7': 'x', é: 1 },
    outcome: 'ok',
    durationMs: 1.5,
    requestId: `req_${n}`,
    address: n % 2 === 0 ? '192.0.2.7' : '2001:db8::7',
    ...more,
  };
}

/** Writes so many calls. */
export async function writeRows({ audit }: Pick<LogInstance, 'audit'>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await audit.record(logEntry(i));
  await audit.drain();
}

/** Seals everything that waits, as if it were another time. */
export async function sealAt(prisma: PrismaService, url: string, at: Date): Promise<void> {
  await inTransaction(prisma.pool, async (client) => {
    const { tree, root } = await readHead(client);
    const rows: SealedRow[] = [];
    await readDatabase(url, (part) => void (part.type === 'unsealed' && rows.push(part.row)));
    const leaves = rows.map((row) => ({ event_id: row.id, leaf: leafOf(row) }));
    for (const { leaf } of leaves) tree.append(leaf);
    const head = { tree_size: tree.size, root: tree.root(), previous_root: root, at: at.toISOString() };
    await writeHead(client, tree, leaves, signCheckpoint(head, KEY));
    await client.query('TRUNCATE audit_unsealed');
  });
}

/** @param kept heads of checkpoints that were kept elsewhere */
export function verifyLog(
  url: string,
  kept: readonly Parameters<typeof signCheckpoint>[0][] = [],
): Promise<VerificationReport> {
  const checkpoints = kept.map((head) => signCheckpoint(head, KEY));
  return verifyDatabase(url, new LogVerifier(new KeyRing([KEY.publicKey]), checkpoints));
}

export const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
