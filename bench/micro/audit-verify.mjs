// How many rows a second one core verifies: 1,000,000 generated rows in memory, a checkpoint each thousand. Alone:
// node scripts/prepare.mjs --build && node bench/micro/audit-verify.mjs
import { hash, randomUUID } from 'node:crypto';
import { signCheckpoint } from '../../dist/audit/log/checkpoint.js';
import { LogVerifier } from '../../dist/audit/log/log-verifier.js';
import { MerkleFrontier } from '../../dist/audit/log/merkle-frontier.js';
import { leafOf } from '../../dist/audit/log/row-leaf.js';
import { KeyRing, signingKey } from '../../dist/audit/log/signing-key.js';

const ROWS = process.env.BENCH_QUICK === 'true' ? 50_000 : 1_000_000;
/** Rows of a checkpoint, and of a slice of time that is measured by itself. */
const SLICE = 1_000;
const START = Date.UTC(2026, 0, 1);
const key = signingKey(Buffer.alloc(32, 1).toString('base64'));

/** Inputs as long as those of a generated row: public part, address, personal part, leaf, node. */
const INPUTS = [...[170, 65, 245, 129].map((length) => 'x'.repeat(length)), Buffer.alloc(65)];

const verifier = new LogVerifier(new KeyRing([key.publicKey]));
const tree = new MerkleFrontier();
let previousRoot = tree.root();
const slices = [];
const floors = [];
for (let from = 0; from < ROWS; from += SLICE) {
  const leaves = Array.from({ length: SLICE }, (_, index) => sealed(from + index));
  const root = tree.root();
  const head = { tree_size: tree.size, root, previous_root: previousRoot, at: leaves.at(-1).row.at };
  const checkpoint = signCheckpoint(head, key);
  previousRoot = root;
  slices.push(
    cpuMicros(() => {
      for (const leaf of leaves) verifier.leaf(leaf);
      verifier.checkpoint(checkpoint);
    }),
  );
  floors.push(cpuMicros(digestsAlone));
}
const report = verifier.finish();
if (report.problemCount > 0 || report.leaves !== ROWS) throw new Error('the log does not verify');

const sum = (values) => values.reduce((total, value) => total + value, 0);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const perSecond = (micros) => Math.round(SLICE / (micros / 1e6));
process.stdout.write(
  `${JSON.stringify([
    {
      name: 'audit rows verified by one core, in memory',
      value: perSecond(sum(slices) / slices.length),
      unit: 'rows/s',
      atLeast: 300_000,
      detail:
        `${ROWS.toLocaleString('en')} rows by CPU time; the median thousand ${perSecond(median(slices)).toLocaleString('en')} rows/s; ` +
        `the five SHA-256 of a row alone ${perSecond(median(floors)).toLocaleString('en')} rows/s`,
    },
  ])}\n`,
);

function sealed(seq) {
  const row = generated(seq + 1);
  const leaf = leafOf(row);
  tree.append(leaf);
  return { seq, event_id: row.id, leaf, row };
}

/**
 * As the service would have written it, and as a reader has it: its texts in one piece each. Those of randomUUID are joined
 * of twenty.
 */
function generated(id) {
  const row = {
    id,
    at: new Date(START + id * 10).toISOString(),
    user_id: `usr_${id % 100}`,
    credential_kind: 'pat',
    credential_id: `3f0c2a2e-1111-4222-8333-${String(id % 100).padStart(12, '0')}`,
    credential_name: 'laptop',
    client_id: null,
    client_name: 'claude-desktop/1.2.3',
    transport: 'mcp',
    operation: 'get_positions',
    arguments: { status: 'open', limit: 20 },
    outcome: 'ok',
    code: null,
    duration_ms: 12.346,
    upstream_ms: 7.5,
    request_id: `0e8d7f16-2222-4333-8444-${String(id).padStart(12, '0')}`,
    trace_id: null,
    address: `192.0.2.${id % 256}`,
    salt: randomUUID(),
    address_salt: randomUUID(),
    personal_digest: null,
    address_digest: null,
  };
  return JSON.parse(JSON.stringify(row));
}

/** What no code of ours can save: the digests of a leaf, and the one node that it costs, of inputs that are there already. */
function digestsAlone() {
  for (let index = 0; index < SLICE; index += 1) for (const input of INPUTS) hash('sha256', input, 'hex');
}

function cpuMicros(action) {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
