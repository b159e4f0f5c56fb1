// What a request pays for its bearer token when this process knows it already.
import { TokenVerifier } from '../../dist/auth/bearer/token-verifier.js';
import { mintTokens } from '../harness/identities.mjs';
import { cpuMicros, micro, openService, quick, statements } from '../harness/micro.mjs';
import { mintAccessTokens } from '../harness/oauth-tokens.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { median } from '../harness/statistics.mjs';

const TOKENS = 200;
const CHECKS = quick ? 20_000 : 100_000;
const ROUNDS = 7;
const users = Array.from({ length: TOKENS }, (_, index) => `usr_bench_${index}`);

await micro(async (database) => {
  const url = await database.create('warm');
  const sandbox = await startSandboxServer(users);
  const service = await openService(url, sandbox);
  try {
    const pats = (await mintTokens(service.url, users)).map(({ token }) => token);
    const kinds = { PAT: pats, tc_at_: await mintAccessTokens(service, users) };
    const measures = [];
    for (const [kind, tokens] of Object.entries(kinds)) {
      const { micros, trips } = await warm(service.get(TokenVerifier), tokens);
      measures.push({ name: `warm bearer check, ${kind}`, value: micros, limit: 6, unit: 'µs' });
      measures.push({ name: `warm bearer check, ${kind}: database trips`, value: trips, limit: 0, unit: '' });
    }
    return measures;
  } finally {
    await service.close();
    await sandbox.stop();
  }
});

async function warm(verifier, tokens) {
  const check = (token) => verifier.verify(token, { address: '127.0.0.1', resource: 'mcp' });
  const rounds = [];
  let trips = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    // Answers live 30 s: each round begins with fresh ones, and its statements are those of a heartbeat at most.
    for (const token of tokens) await check(token);
    const before = statements;
    const used = await cpuMicros(async () => {
      for (let index = 0; index < CHECKS; index += 1) await check(tokens[index % TOKENS]);
    });
    // The first round compiles.
    if (round > 0) rounds.push(used / CHECKS);
    trips = Math.floor((statements - before) / CHECKS);
  }
  return { micros: median(rounds), trips };
}
