import 'reflect-metadata';
import { once } from 'node:events';
import { AuditService } from '../audit/audit.service.js';
import { CheckpointSink } from '../audit/log/checkpoint-sink.js';
import { EXPORT_HEADER, exportLine } from '../audit/log/export-lines.js';
import type { LogPart } from '../audit/log/log-reader.js';
import { ErasurePermits } from '../audit/log/erasure-permits.js';
import { Pruner } from '../audit/log/pruner.js';
import { Sealer } from '../audit/log/sealer.js';
import { signingKey } from '../audit/log/signing-key.js';
import { UserEraser } from '../audit/log/user-eraser.js';
import { csvHeader, csvLine } from '../audit/csv.js';
import { EVENT_COLUMNS } from '../audit/event-columns.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { ConfigError } from '../config/read-variables.js';
import { PrismaService } from '../database/prisma.service.js';
import { createLogger } from '../logging/logger.js';
import { type AuditCommand, parseAuditCommand } from './audit-command.js';
import { describeReport, readDatabase, verifierFor, verifyDatabase, verifyFile } from './audit-verify.js';
import { reachDatabase } from './operator-database.js';

const config = (): Promise<Config> => loadConfig(process.env);

/** The auditor's commands. Results on stdout, everything else on stderr. */
async function main(): Promise<void> {
  const command = parseAuditCommand(process.argv.slice(2));
  switch (command.action) {
    case 'verify':
      return verify(command);
    case 'export':
      return withDatabase(await config(), (url) => exportLog(url, command.format));
    case 'prune':
      return prune(await config(), command.eraseUser);
    case 'key':
      return write(`${signingKey((await config()).secrets.auditSigningKey).publicKey}\n`);
  }
}

async function verify({ file, keys, checkpoints }: Extract<AuditCommand, { action: 'verify' }>): Promise<void> {
  const verifier = await verifierFor(keys, checkpoints, config);
  const report =
    file === undefined
      ? await withDatabase(await config(), (url) => verifyDatabase(url, verifier))
      : await verifyFile(file, verifier);
  await write(describeReport(report));
  if (report.problemCount > 0) process.exitCode = 1;
}

async function exportLog(url: string, format: 'ndjson' | 'csv'): Promise<void> {
  await write(format === 'csv' ? csvHeader(CSV_COLUMNS) : `${EXPORT_HEADER}\n`);
  let text = '';
  await readDatabase(
    url,
    (part) => void (text += format === 'csv' ? csvOf(part) : `${exportLine(part)}\n`),
    async () => {
      await write(text);
      text = '';
    },
  );
}

/** For people and spreadsheets: without what only verification needs. */
const CSV_COLUMNS = ['id', ...EVENT_COLUMNS] as const;

function csvOf(part: LogPart): string {
  if (part.type === 'unsealed') return csvLine(part.row, CSV_COLUMNS);
  return part.type === 'leaf' && part.leaf.row !== null ? csvLine(part.leaf.row, CSV_COLUMNS) : '';
}

async function prune(settings: Config, eraseUser: string | undefined): Promise<void> {
  await withDatabase(settings, async (url) => {
    const prisma = new PrismaService({ url });
    const logger = createLogger(settings, 2);
    const key = signingKey(settings.secrets.auditSigningKey);
    const sink = new CheckpointSink(settings, logger);
    const sealer = new Sealer(prisma, logger, key, sink, new AuditService(prisma, logger));
    const permits = new ErasurePermits(prisma, sealer, key);
    try {
      if (eraseUser !== undefined) {
        const erased = await new UserEraser(prisma, sealer, permits).erase(eraseUser);
        note(`Erased what is personal in ${erased} rows.`);
      }
      const report = await new Pruner(prisma, permits).prune(settings.audit.retentionDays);
      note(
        report === undefined
          ? 'An instance prunes at this moment; there is nothing to do besides.'
          : `Removed ${report.removed} rows, truncated ${report.truncated} addresses.`,
      );
      await sink.flush();
    } finally {
      await prisma.$disconnect();
    }
  });
}

async function withDatabase<Result>(settings: Config, action: (url: string) => Promise<Result>): Promise<Result> {
  const database = await reachDatabase(settings);
  try {
    return await action(database.url);
  } finally {
    await database.stop();
  }
}

/** Waits while whoever reads is slower. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

main().catch((error: unknown) => {
  const expected = error instanceof Error && (error instanceof ConfigError || !isBug(error));
  note(expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  // 1 says that a log was looked at and does not verify.
  process.exitCode = 2;
});

function isBug(error: Error): boolean {
  return [TypeError, ReferenceError, RangeError].some((kind) => error instanceof kind);
}
