// How many rows a second the audit log takes in, seals and verifies.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { AuditService } from '../../dist/audit/audit.service.js';
import { Sealer } from '../../dist/audit/log/sealer.js';
import { query } from '../harness/database.mjs';
import { serviceEnvironment } from '../harness/identities.mjs';
import { cpuMicros, micro, openService, quick } from '../harness/micro.mjs';
import { startSandboxServer } from '../harness/sandbox-server.mjs';
import { ROOT } from '../harness/server-process.mjs';

const ROWS = quick ? 40_000 : 200_000;
/** Until V8 has compiled what they pass through. */
const WARM_UP = 30_000;

await micro(async (database) => {
  const url = await database.create('audit');
  const sandbox = await startSandboxServer([]);
  const service = await openService(url, sandbox);
  const measures = [];
  const perSecond = (rows, milliseconds) => Math.round(rows / (milliseconds / 1_000));
  try {
    const audit = service.get(AuditService);
    await takeIn(audit, WARM_UP);
    while (!(await stands(url, WARM_UP))) await setTimeout(10);
    await service.get(Sealer).sealAll();
    const databaseBefore = database.cpuMicros();
    let started = performance.now();
    const used = await cpuMicros(async () => {
      await takeIn(audit, ROWS);
      await audit.drain();
    });
    measures.push({
      name: 'audit rows taken in',
      value: perSecond(ROWS, performance.now() - started),
      unit: 'rows/s',
      atLeast: 40_000,
      detail:
        `${(used / ROWS).toFixed(1)} µs CPU a row, sealing included` +
        (databaseBefore ? `; PostgreSQL's ${((database.cpuMicros() - databaseBefore) / ROWS).toFixed(1)} µs` : ''),
    });
    started = performance.now();
    await service.get(Sealer).sealAll();
    measures.push({
      name: 'left to be sealed after the last row',
      value: Math.round(performance.now() - started),
      unit: 'ms',
    });
  } finally {
    await service.close();
    await sandbox.stop();
  }
  const started = performance.now();
  await verify(url);
  measures.push({
    name: 'audit rows verified',
    value: perSecond(WARM_UP + ROWS, performance.now() - started),
    unit: 'rows/s',
    detail: 'npm run audit -- verify, start-up included',
  });
  return measures;
});

async function takeIn(audit, rows) {
  for (let index = 0; index < rows; index += 1) {
    const full = audit.record(row(index));
    if (full !== undefined) await full;
  }
}

async function stands(url, rows) {
  const [{ count }] = await query(url, 'SELECT count(*) FROM audit_events');
  return Number(count) >= rows;
}

function row(index) {
  return {
    actor: {
      userId: `usr_${index % 100}`,
      kind: 'pat',
      credentialId: '3f0c2a2e-1111-4222-8333-123456789abc',
      credentialName: 'laptop',
    },
    transport: 'mcp',
    operation: 'get_positions',
    args: { status: 'open', limit: 20 },
    outcome: 'ok',
    durationMs: 12.345,
    upstreamMs: 7.5,
    requestId: `0e8d7f16-2222-4333-8444-${String(index).padStart(12, '0')}`,
    clientName: 'claude-desktop 1.2.3',
    address: '192.0.2.7',
  };
}

async function verify(url) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['dist/cli/audit.js', 'verify'], {
    cwd: ROOT,
    env: { PATH, HOME, NODE_ENV: 'production', ...serviceEnvironment(url, 'http://127.0.0.1:9/api', 3000) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the log does not verify: ${code}`);
}
