// What the first request with a token pays, among a thousand tokens and among a million. Rows are generated in SQL; the
// tokens that are checked are real ones among them.
import { TokenVerifier } from '../../dist/auth/bearer/token-verifier.js';
import { query } from '../harness/database.mjs';
import { mintTokens } from '../harness/identities.mjs';
import { micro, openService, quick, statements } from '../harness/micro.mjs';
import { mintAccessTokens } from '../harness/oauth-tokens.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { median, quantile, ratios } from '../harness/statistics.mjs';

const FEW = 1_000;
const MANY = quick ? 30_000 : 1_000_000;
const CHECKED = 100;
const ROUNDS = quick ? 4 : 30;
const users = Array.from({ length: CHECKED }, (_, index) => `usr_bench_${index}`);

await micro(async (database) => {
  const sandbox = await startSandboxServer(users);
  const few = await side(await database.create('few'), sandbox, FEW);
  const many = await side(await database.create('many'), sandbox, MANY);
  try {
    const measures = [];
    for (const kind of ['PAT', 'tc_at_']) {
      const times = { few: [], many: [] };
      const trips = { few: 0, many: 0 };
      for (let round = 0; round <= ROUNDS; round += 1) {
        // In turns, token by token: what slows the machine down slows both.
        const sums = { few: [], many: [] };
        for (let index = 0; index < CHECKED; index += 1) {
          for (const [name, { verifier, tokens }] of Object.entries({ few, many })) {
            const before = statements;
            const started = performance.now();
            await verifier.verify(tokens[kind][index], { address: '127.0.0.1', resource: 'mcp', fresh: true });
            sums[name].push((performance.now() - started) * 1_000);
            trips[name] = statements - before;
          }
        }
        // The first round compiles, and has the slow hash in it for every token: it is not the database's cost.
        if (round === 0) continue;
        for (const name of ['few', 'many']) times[name].push(quantile(sums[name], 0.25));
      }
      measures.push({
        name: `${MANY.toLocaleString('en')} tokens ÷ 1,000 tokens, cold check, ${kind}`,
        value: median(ratios(times.many, times.few)),
        limit: 1.15,
        unit: '',
        detail: `${Math.round(median(times.many))} µs against ${Math.round(median(times.few))} µs, ${trips.many} statements`,
      });
    }
    return measures;
  } finally {
    await few.service.close();
    await many.service.close();
    await sandbox.stop();
  }
});

async function side(url, sandbox, count) {
  const service = await openService(url, sandbox);
  const pats = (await mintTokens(service.url, users)).map(({ token }) => token);
  const tokens = { PAT: pats, tc_at_: await mintAccessTokens(service, users) };
  await generate(url, count - CHECKED);
  return { service, tokens, verifier: service.get(TokenVerifier) };
}

async function generate(url, count) {
  await query(
    url,
    `INSERT INTO personal_access_tokens (user_id, name, selector, hint, secret_hash, tag, scopes)
     SELECT 'usr_' || i / 10, 'generated', 'g' || substr(md5(i::text), 1, 11), 'tc_pat_gen…',
            '$argon2id$v=19$m=1024,t=1,p=1$' || md5(i::text) || '$' || md5('h' || i), decode(substr(md5('t' || i), 1, 16), 'hex'),
            ARRAY['read:account', 'read:positions']
       FROM generate_series(1, ${count}) AS i ON CONFLICT DO NOTHING`,
  );
  await query(
    url,
    `INSERT INTO oauth_grants (id, user_id, client_id, resource, scopes, expires_at)
     SELECT md5('grant' || i)::uuid, 'usr_' || i, 'generated', 'mcp', ARRAY['read:account'], now() + interval '1 year'
       FROM generate_series(1, ${count}) AS i`,
  );
  await query(
    url,
    `INSERT INTO oauth_artifacts (model, id, payload, grant_id, expires_at)
     SELECT 'AccessToken', sha256(i::text::bytea), decode(repeat(md5(i::text), 10), 'hex'), md5('grant' || i)::uuid,
            now() + interval '1 hour'
       FROM generate_series(1, ${count}) AS i`,
  );
  for (const table of ['personal_access_tokens', 'oauth_grants', 'oauth_artifacts']) {
    await query(url, `VACUUM ANALYZE ${table}`);
  }
}
