import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AuditService } from '../../src/audit/audit.service.js';
import { CheckpointSink } from '../../src/audit/log/checkpoint-sink.js';
import { LogVerifier } from '../../src/audit/log/log-verifier.js';
import { Sealer } from '../../src/audit/log/sealer.js';
import { KeyRing } from '../../src/audit/log/signing-key.js';
import { verifyDatabase } from '../../src/cli/audit-verify.js';
import type { Config } from '../../src/config/config.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import type { Logger } from '../../src/logging/logger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { generatedRow, KEY, replay, sealedLog } from './generated-log.js';

/** Enough to see that nothing is quadratic; AUDIT_SPEED_ROWS=1000000 for numbers worth quoting. */
const ROWS = Number(process.env.AUDIT_SPEED_ROWS ?? 20_000);
const CHUNK = 10_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const report = (what: string, seconds: number): void =>
  void process.stderr.write(`${what}: ${Math.round(ROWS / seconds).toLocaleString('en')} rows/s\n`);

function cpuSeconds(action: () => void): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

it('verifies generated rows in memory', () => {
  let seconds = 0;
  for (let from = 0; from < ROWS; from += CHUNK) {
    const log = sealedLog(
      Array.from({ length: CHUNK }, (_, i) => generatedRow(from + i + 1)),
      1_000,
    );
    const verifier = new LogVerifier(new KeyRing([KEY.publicKey]));
    seconds += cpuSeconds(() => replay(log, verifier));
    expect(verifier.finish()).toMatchObject({ problems: [], leaves: CHUNK });
  }
  report('verification, CPU of one core', seconds);
}, 600_000);

it('takes rows in, seals and verifies them in the database', async () => {
  const prisma = new PrismaService(database);
  const logger = { warn: () => undefined, error: () => undefined } as unknown as Logger;
  const audit = new AuditService(prisma, logger);
  const sealer = new Sealer(prisma, logger, KEY, new CheckpointSink({ audit: {} } as Config, logger), audit);
  const timed = async (what: string, action: () => Promise<unknown>): Promise<void> => {
    const start = performance.now();
    await action();
    report(what, (performance.now() - start) / 1_000);
  };
  const actor = { userId: 'usr_1', kind: 'pat', credentialId: 'c', credentialName: 'laptop' };
  const entry = { actor, transport: 'mcp', operation: 'get_positions', args: { limit: 5 }, outcome: 'ok' } as const;
  try {
    await timed('ingest', async () => {
      for (let i = 0; i < ROWS; i++)
        await audit.record({ ...entry, durationMs: 1.5, requestId: `req_${i}`, address: '192.0.2.7' });
      await audit.drain();
    });
    await timed('sealing', () => sealer.sealAll());
    await timed('verification from the database', async () =>
      expect(await verifyDatabase(database.url, new LogVerifier(new KeyRing([KEY.publicKey])))).toMatchObject({
        problems: [],
        leaves: ROWS,
      }),
    );
  } finally {
    await prisma.$disconnect();
  }
}, 600_000);
