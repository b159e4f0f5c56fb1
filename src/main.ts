import { startService } from './app.js';
import { greeting } from './config/greeting.js';
import { ConfigError, loadConfig } from './config/load-config.js';

const startedAt = performance.now();

async function main(): Promise<void> {
  const config = await loadConfig(process.env);
  const service = await startService(config);
  let closing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A second signal is somebody who does not want to wait any longer.
      if (closing) process.exit(1);
      closing = true;
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
  service.logger.info({ port: config.port, mode: config.mode, ready_ms: Math.round(performance.now() - startedAt) }, 'ready');
  if (config.environment !== 'production') process.stderr.write(greeting(config));
}

main().catch((error: unknown) => {
  // A person reads this: the sentence, without a stack unless nobody expected it.
  const expected = error instanceof ConfigError || (error instanceof Error && error.name.endsWith('Error') && error.name !== 'TypeError');
  process.stderr.write(`${expected ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
