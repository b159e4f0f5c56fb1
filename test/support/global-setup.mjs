// Jest loads this outside its own module system: plain JavaScript, and the TypeScript runs in a process of its own.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer } from './test-server-handle.mjs';

export default async function globalSetup() {
  // The workers inherit the environment.
  process.env.TEST_LOGS = mkdtempSync(join(tmpdir(), 'tradecafe-test-logs-'));
  const outcome = await startTestServer();
  process.env.TEST_SERVER = JSON.stringify(outcome);
}
