// Whether a call becomes dearer when the log has grown: the same load on a service whose log is short, and on one whose log
// has a million rows. Rows and leaves are generated in SQL.
import { query } from '../harness/database.mjs';
import { bearers, mintTokens, serviceEnvironment } from '../harness/identities.mjs';
import { load } from '../harness/load.mjs';
import { measured } from '../harness/measured.mjs';
import { micro, quick } from '../harness/micro.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { freePort, startServer } from '../harness/server-process.mjs';
import { median, ratios } from '../harness/statistics.mjs';

const FEW = 1_000;
const MANY = quick ? 30_000 : 1_000_000;
const ROUNDS = quick ? 2 : 11;
const AMOUNT = quick ? 600 : 3_000;
const CONNECTIONS = 16;
const users = Array.from({ length: CONNECTIONS }, (_, index) => `usr_bench_${index}`);

await micro(async (database) => {
  const upstream = await startSandboxServer(users);
  const sides = [];
  try {
    for (const rows of [FEW, MANY]) sides.push(await side(database, upstream, rows));
    const costs = sides.map(() => ({ server: [], database: [] }));
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [index, { server, headers }] of sides.entries()) {
        const used = await measured(server, database, AMOUNT, () =>
          load(server.url, 'legacy', { amount: AMOUNT, connections: CONNECTIONS, headers }),
        );
        if (round === 0) continue;
        costs[index].server.push(used.cpuMicros);
        costs[index].database.push(used.databaseMicros ?? 0);
      }
    }
    const [few, many] = costs.map(({ server, database: db }) => server.map((micros, round) => micros + db[round]));
    return [
      {
        name: `audit rows ${MANY.toLocaleString('en')} ÷ 1,000, cost of a call`,
        value: median(ratios(many, few)),
        limit: 1.2,
        unit: '',
        detail: `${Math.round(median(many))} µs against ${Math.round(median(few))} µs of CPU, the database's included`,
      },
    ];
  } finally {
    for (const { server } of sides) await server.stop();
    await upstream.stop();
  }
});

async function side(database, upstream, rows) {
  const url = await database.create(`log_${rows}`);
  await generate(url, rows);
  const server = await startServer('dist/main.js', serviceEnvironment(url, `${upstream.url}/api`, await freePort()));
  return { server, headers: bearers(await mintTokens(server.url, users)) };
}

async function generate(url, count) {
  await query(
    url,
    `INSERT INTO audit_events (at, user_id, credential_kind, credential_id, credential_name, client_name, transport,
        operation, arguments, outcome, duration_ms, upstream_ms, request_id, address)
     SELECT now() - make_interval(secs => ${count} - i), 'usr_bench_' || i % ${CONNECTIONS * 4}, 'pat', md5('c' || i % 100),
            'laptop', 'claude-desktop 1.2.3', 'mcp', 'get_positions', '{"status":"open"}', 'ok', 12.345, 7.5,
            md5(i::text)::uuid::text, '192.0.2.7'
       FROM generate_series(1, ${count}) AS i`,
  );
  // As if they had been sealed long ago, out of the way of the leaves to come: sealing them is not what a call costs.
  await query(
    url,
    `INSERT INTO audit_leaves (seq, event_id, leaf)
     SELECT 1000000000 + event_id, event_id, sha256(event_id::text::bytea) FROM audit_unsealed`,
  );
  await query(url, 'TRUNCATE audit_unsealed');
  for (const table of ['audit_events', 'audit_leaves', 'audit_unsealed']) await query(url, `VACUUM ANALYZE ${table}`);
}
