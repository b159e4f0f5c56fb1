import type { Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Logger } from '../../logging/logger.js';
import type { Backend } from './backend/backend.js';
import { Bridge } from './bridge.js';

/**
 * Serves the client on standard input, one JSON-RPC message a line.
 * @param output where the answers go, and nothing else
 * @returns resolves when the client has closed its end (MCP 2026-07-28, stdio, Shutdown)
 */
export function serveClient(backend: Backend, output: Writable, logger: Logger): Promise<void> {
  return new Bridge(new StdioServerTransport(process.stdin, output), backend, logger).run();
}
