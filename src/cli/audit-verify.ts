import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { asCheckpoint, type Checkpoint } from '../audit/log/checkpoint.js';
import { EXPORT_HEADER, showPart, verifyLine } from '../audit/log/export-lines.js';
import { type LogPart, readLog } from '../audit/log/log-reader.js';
import { LogVerifier, type VerificationReport } from '../audit/log/log-verifier.js';
import { KeyRing, signingKey } from '../audit/log/signing-key.js';
import type { Config } from '../config/config.js';
import { UsageError } from './usage-error.js';

/** The keys to verify with: those given, else this installation's, today's and those before it. */
export async function verifierFor(
  keys: readonly string[],
  checkpointFiles: readonly string[],
  config: () => Promise<Config>,
): Promise<LogVerifier> {
  const trusted = keys.length > 0 ? keys : await configuredKeys(config);
  return new LogVerifier(keyRing(trusted), checkpointFiles.flatMap(readCheckpoints));
}

/**
 * Verifies an export, line by line.
 * @throws UsageError when the file is none
 */
export async function verifyFile(file: string, verifier: LogVerifier): Promise<VerificationReport> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (number === 1 && line !== EXPORT_HEADER) throw noExport(file);
    if (number > 1) verifyLine(line, number, verifier);
  }
  if (number === 0) throw noExport(file);
  return verifier.finish();
}

/** A table, an empty file, npm's banner at the top: nothing of it says that a log was tampered with. */
function noExport(file: string): UsageError {
  return new UsageError(
    `${file} is not an export to verify: its first line is not ${EXPORT_HEADER}. Make one with ` +
      '`npm run --silent audit -- export > FILE`; without --silent, npm writes lines of its own into it.',
  );
}

/** Verifies the log of a database. */
export async function verifyDatabase(url: string, verifier: LogVerifier): Promise<VerificationReport> {
  await readDatabase(url, (part) => showPart(part, verifier));
  return verifier.finish();
}

/** Shows the log as it is at this moment, whatever is written, sealed or pruned meanwhile; like readLog. */
export async function readDatabase(
  url: string,
  onPart: (part: LogPart) => void,
  afterPage?: () => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'tradecafe-mcp audit' });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // Rows are to come from the first moment on, in the order of the index; a sort would hold them back.
    await client.query(
      'SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_sort = off',
    );
    await readLog(client, onPart, afterPage);
  } finally {
    await client.end();
  }
}

/** What a person reads, and whether the log verifies. */
export function describeReport(report: VerificationReport): string {
  const { problems, problemCount, notes, leaves, checkpoints, unsealed, truncated, erased, removed, root } = report;
  const lines = [
    problemCount === 0 ? 'The log verifies.' : `The log does NOT verify. First: ${problems[0]!.message}.`,
    ...problems.slice(1).map(({ message }) => `  then: ${message}.`),
    ...(problemCount > problems.length ? [`  and ${problemCount - problems.length} more.`] : []),
    ...notes.map((note) => `Note: ${note}.`),
    `${leaves} leaves under ${checkpoints} checkpoints; ${unsealed} rows are younger than the last one and prove nothing yet.`,
    `Addresses truncated: ${truncated}; rows erased: ${erased}; rows removed: ${removed}.`,
    `Root: ${root}`,
  ];
  return `${lines.join('\n')}\n`;
}

async function configuredKeys(config: () => Promise<Config>): Promise<string[]> {
  const { secrets, audit } = await config();
  return [signingKey(secrets.auditSigningKey).publicKey, ...audit.publicKeys];
}

function keyRing(keys: readonly string[]): KeyRing {
  try {
    return new KeyRing(keys);
  } catch (cause) {
    throw new UsageError('--key is not a public key: 32 bytes in base64, as `npm run audit -- key` prints it.', {
      cause,
    });
  }
}

/** A file as the checkpoint sink writes it, or an export: one JSON object a line. */
function readCheckpoints(file: string): Checkpoint[] {
  const found = readFileSync(file, 'utf8').split('\n').filter(Boolean).flatMap(checkpointOfLine);
  if (found.length === 0) throw new UsageError(`${file} holds no checkpoint.`);
  return found;
}

function checkpointOfLine(line: string): Checkpoint[] {
  try {
    const checkpoint = asCheckpoint(JSON.parse(line));
    return checkpoint === undefined ? [] : [checkpoint];
  } catch {
    // A line that was cut short, e.g. by a full disk, takes none of the others with it.
    return [];
  }
}
