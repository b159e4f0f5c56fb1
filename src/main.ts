import { startService } from './app.js';
import { greeting } from './config/greeting.js';
import { loadConfig } from './config/load-config.js';

const startedAt = performance.now();

/** Within this, a second signal is the first one again. */
const SAME_SIGNAL_MS = 1_500;

async function main(): Promise<void> {
  const config = await loadConfig(process.env);
  const service = await startService(config);
  let closingSince: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (closingSince !== undefined) {
        // Ctrl-C under npm arrives twice, from the terminal and from npm. A later one is somebody who will not wait.
        if (performance.now() - closingSince > SAME_SIGNAL_MS) process.exit(1);
        return;
      }
      closingSince = performance.now();
      service.logger.info({ signal }, 'draining');
      service.close().then(
        () => process.exit(0),
        (error: unknown) => {
          service.logger.error({ err: error }, 'closing failed');
          process.exit(1);
        },
      );
    });
  }
  service.logger.info(
    { port: config.port, mode: config.mode, ready_ms: Math.round(performance.now() - startedAt) },
    'ready',
  );
  // Who started this process waits for that line.
  service.logger.flush();
  if (config.environment !== 'production') process.stderr.write(greeting(config));
}

main().catch((error: unknown) => {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
});

/** A person reads this: the sentence where something refused on purpose, the stack where it is a bug of ours. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isBug = [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind);
  return isBug ? (error.stack ?? error.message) : error.message;
}
