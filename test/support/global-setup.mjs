// Jest loads this outside its own module system: plain JavaScript, and the TypeScript runs in a process of its own.
import { startTestServer } from './test-server-handle.mjs';

export default async function globalSetup() {
  const outcome = await startTestServer();
  // The workers inherit the environment.
  process.env.TEST_SERVER = JSON.stringify(outcome);
}
