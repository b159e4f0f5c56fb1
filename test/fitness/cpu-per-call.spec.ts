import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { type BenchServer, freePort, startServer } from '../../bench/harness/server-process.mjs';
import { DEMO_USER } from '../../src/config/demo.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.js';
import { mintToken } from '../support/app.js';
import { mcpHeaders } from '../support/mcp.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/**
 * CPU of a guarded call ÷ CPU of the same upstream call behind bare Fastify. CPU time of a process does not hang on its
 * neighbours as requests a second do, both servers get their load in turns, and the budget (docs/performance.md) is 3.
 */
const BOUND = 6;
const ROUNDS = 5;
const CALLS = 300;
const SECRET = 'secret-of-the-user-tokens-in-this-test-01';
const TYPESCRIPT = { flags: ['--import', './test/support/typescript.mjs'] };

let database: TestDatabase;
let sandbox: Sandbox;
let ours: BenchServer;
let bare: BenchServer;
/** One a caller: two users, so that no read is shared. */
let tokens: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ port: 0, jwtSecret: SECRET });
  const port = await freePort();
  ours = await startServer(
    'src/main.ts',
    {
      NODE_ENV: 'development',
      PORT: String(port),
      DATABASE_URL: database.url,
      TRADECAFE_MODE: 'mock',
      PWA_BE_BASE_URL: sandbox.baseUrl,
      PWA_BE_JWT_SECRET: SECRET,
      SESSION_JWT_SECRET: 'secret-of-the-site-session-in-this-test-1',
      TOKEN_PEPPER: 'pepper-of-the-token-hashes-in-this-test-1',
      AUDIT_SIGNING_KEY: Buffer.alloc(32, 9).toString('base64'),
      RATE_LIMIT_PER_MINUTE: '1000000',
    },
    TYPESCRIPT,
  );
  bare = await startServer(
    'bench/contenders/fastify.mjs',
    {
      PRODUCT_TOOLS: '../../src/tools/registry.ts',
      UPSTREAM_URL: sandbox.baseUrl,
      UPSTREAM_USER: DEMO_USER.id,
      UPSTREAM_AUTHORIZATION: `Bearer ${await upstreamToken()}`,
    },
    TYPESCRIPT,
  );
  const reachable = { url: ours.url, config: { publicUrl: ours.url } };
  const minted = [await mintToken(reachable), await mintToken(reachable, { user: 'demo2' })];
  tokens = minted.map(({ token }) => token);
}, 120_000);

afterAll(async () => {
  await Promise.all([ours?.stop(), bare?.stop()]);
  await sandbox?.stop();
  await database?.drop();
});

it('a call with everything on costs a small multiple of the same call with nothing on', async () => {
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const floor = await cpuPerCall(bare);
    const complete = await cpuPerCall(ours);
    // The first round compiles.
    if (round > 0) ratios.push(complete / floor);
  }
  expect(median(ratios)).toBeLessThan(BOUND);
}, 180_000);

async function cpuPerCall(server: BenchServer): Promise<number> {
  const before = await server.usage();
  await Promise.all(tokens.map((token) => calls(server, token)));
  return ((await server.usage()).cpuMicros - before.cpuMicros) / (tokens.length * CALLS);
}

/** One call after the other over one connection. */
async function calls(server: BenchServer, token: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let call = 0; call < CALLS; call += 1) {
    const { status, text } = await post(server, token, agent);
    if (status !== 200 || !text.includes('position_id')) throw new Error(`status ${status}: ${text}`);
  }
  agent.destroy();
}

function post({ url }: BenchServer, token: string, agent: Agent): Promise<{ status: number; text: string }> {
  const params = { name: 'get_positions', arguments: { status: 'open' } };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/mcp`, { method: 'POST', agent, headers: mcpHeaders(token) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.once('error', reject);
    sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
  });
}

function upstreamToken(): Promise<string> {
  const token = new SignJWT({ sub: DEMO_USER.id }).setProtectedHeader({ alg: 'HS256' });
  return token.setExpirationTime('1h').sign(new TextEncoder().encode(SECRET));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
