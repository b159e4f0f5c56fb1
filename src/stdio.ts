#!/usr/bin/env node
import type { WritePolicy } from './auth/principal.js';
import { loadStdioConfig, type StdioConfig } from './config/load-stdio-config.js';
import { createLogger, type Logger } from './logging/logger.js';
import { LazyBackend } from './mcp/stdio/backend/lazy-backend.js';
import { liveBackend } from './mcp/stdio/backend/live-backend.js';
import { claimStandardOutput } from './mcp/stdio/protocol-output.js';
import { serveClient } from './mcp/stdio/serve-client.js';

async function main(): Promise<void> {
  const output = claimStandardOutput();
  // A signal ends the same way as a client that goes away; a second one ends at once.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.stdin.destroy());
  const config = loadStdioConfig(process.env);
  const logger = createLogger(config, 2);
  if (process.stdin.isTTY) process.stderr.write(greeting(config));
  if (config.mode === 'live') return serveClient(liveBackend(config, logger), output, logger);
  const mock = mockBackend(config.writePolicy, logger);
  await serveClient(mock, output, logger);
  await mock.close();
}

/** The whole application, loaded only where it is used. */
function mockBackend(writePolicy: WritePolicy, logger: Logger): LazyBackend {
  return new LazyBackend(async () => {
    const { startMockApplication } = await import('./mock-application.js');
    return startMockApplication(writePolicy, logger);
  }, logger);
}

/** For a person who started this by hand. */
function greeting(config: StdioConfig): string {
  const what = config.mode === 'mock' ? 'synthetic data' : config.endpoint;
  return `TradeCafe over stdio (${what}). An MCP client starts this program, see docs/stdio.md; Ctrl-D ends it.\n`;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
