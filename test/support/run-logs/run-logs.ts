import { appendFileSync, openSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createLogger, type Logger } from '../../../src/logging/logger.js';

/**
 * Where a Jest run keeps what its services log, and what its tests were given in confidence: at the end none of the
 * latter may stand in the former (log-scan-reporter.mjs). Undefined outside Jest.
 */
const DIRECTORY = process.env['TEST_LOGS'];

/** Of a service under test: everything it has to say, whatever the test set, as a scan of silence proves nothing. */
export const LOUDEST: Readonly<Record<string, string>> = DIRECTORY === undefined ? {} : { LOG_LEVEL: 'trace' };

/** Remembers what was issued and is worth something: codes, tokens, verifiers, cookies. */
export function issued<T extends string>(secret: T): T {
  if (DIRECTORY !== undefined) appendFileSync(join(DIRECTORY, `${process.pid}.issued`), `${secret}\n`);
  return secret;
}

/** The value of a `name=value` pair as a cookie. */
export function issuedCookie<T extends string>(pair: T): T {
  issued(pair.slice(pair.indexOf('=') + 1));
  return pair;
}

/** Keeps what a process writes to one of its streams. @param program its file, to find it by */
export function record(stream: Readable | null, program: string): void {
  if (DIRECTORY === undefined) return;
  const file = join(DIRECTORY, `${process.pid}.${basename(program)}.log`);
  stream?.on('data', (chunk: Buffer) => appendFileSync(file, chunk));
}

let file: number | undefined;

/** The service's own logger for a service in this process: at its most talkative, into the run's directory. */
export function testLogger(): Logger {
  if (DIRECTORY === undefined) return createLogger({ logLevel: 'silent' });
  const log = (file ??= openSync(join(DIRECTORY, `${process.pid}.log`), 'a'));
  return createLogger({ logLevel: 'trace' }, { write: (line) => void writeSync(log, line) });
}
