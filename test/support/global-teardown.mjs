import { rmSync } from 'node:fs';
import { stopTestServer } from './test-server-handle.mjs';

export default async function globalTeardown() {
  const { TEST_LOGS, TEST_LOGS_KEPT } = process.env;
  if (TEST_LOGS !== undefined && TEST_LOGS_KEPT === undefined) rmSync(TEST_LOGS, { recursive: true, force: true });
  await stopTestServer();
}
