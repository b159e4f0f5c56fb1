import { type DestinationStream, pino, type Logger as PinoLogger } from 'pino';
import sonicBoom from 'sonic-boom';
import type { Config } from '../config/config.js';

export type Logger = PinoLogger;

/** Injection token of the process's logger. */
export const LOGGER = Symbol('LOGGER');

/** Where lines go, and, where they wait there, what ends that. */
type Output = DestinationStream & { flush?(): void };

/** Header and field names whose value is a credential, wherever they stand in what is logged. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-csrf-token',
  'token',
  'action_token',
  'access_token',
];

/** Our tokens and JWTs by their form, should one ever stand inside a message. */
const SECRET_TEXT = /\btc_(?:pat|at|rt|act|ac|dc)_[A-Za-z0-9_-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** What is collected before it is written, in bytes; one system call a line would be a tenth of what a call costs. */
const BATCH_BYTES = 8 * 1024;
/** How late a line is at most. */
const LATE_MS = 100;
/** How long the process's exit waits for a reader that does not read. */
const PATIENCE_AT_EXIT_MS = 1_000;
const WARN = pino.levels.values['warn']!;

/**
 * The logger: one JSON line an event. Credentials are removed twice, by field name and by their form.
 * @param destination file descriptor 1 (stdout) by default; 2 where stdout is a protocol (stdio); or any other stream
 */
export function createLogger(config: Pick<Config, 'logLevel'>, destination: 1 | 2 | DestinationStream = 1): Logger {
  const output: Output = typeof destination === 'number' ? batched(destination) : destination;
  return pino(
    {
      level: config.logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: '[redacted]',
      },
      hooks: {
        streamWrite: removeSecrets,
        logMethod(args, method, level) {
          method.apply(this, args);
          if (level >= WARN) output.flush?.();
        },
      },
    },
    output,
  );
}

/**
 * Lines wait for company, but for warnings and errors; at the process's exit what still waits is written. Unlike pino's
 * own destination it lets the process end when nobody reads the lines any more: whether the reader is gone (EPIPE) or
 * has only stopped reading (EAGAIN).
 */
function batched(fd: 1 | 2): Output {
  let deadline = Number.POSITIVE_INFINITY;
  const stream = new sonicBoom.SonicBoom({
    fd,
    sync: false,
    minLength: BATCH_BYTES,
    periodicFlush: LATE_MS,
    retryEAGAIN: () => performance.now() < deadline,
  });
  let gone = false;
  stream.on('error', () => (gone = true));
  process.once('exit', () => {
    deadline = performance.now() + PATIENCE_AT_EXIT_MS;
    try {
      if (!gone) stream.flushSync();
    } catch {
      // There is nobody left to tell.
    }
  });
  return {
    write(line) {
      if (!gone) stream.write(line);
    },
    flush() {
      if (!gone) stream.flush();
    },
  };
}

/**
 * For lines whose fields are ours alone: nobody looks for credentials by the names of their fields. By their form they are
 * still removed.
 */
export function forOwnFields(logger: Logger): Logger {
  return logger.child({}, { redact: [] });
}

/** Replaces every token of ours and every JWT in a line by `[redacted]`. */
export function removeSecrets(line: string): string {
  return line.includes('tc_') || line.includes('eyJ') ? line.replace(SECRET_TEXT, '[redacted]') : line;
}
