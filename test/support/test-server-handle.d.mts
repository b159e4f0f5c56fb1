import type { TestServer } from './test-database.js';

export function startTestServer(): Promise<TestServer | { readonly error: string }>;
export function stopTestServer(): Promise<void>;
