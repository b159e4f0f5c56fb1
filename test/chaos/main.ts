// The long form: `npm run chaos -- --minutes N --seed S [--kills N]`. Rounds of crashes and races until the minutes or
// the kills are over; exit code 1 when a promise of the write tools was broken.
import { parseArgs } from 'node:util';
import { startTestServer, stopTestServer } from '../support/test-server-handle.mjs';
import { Random } from './random.js';
import * as scenarios from './scenarios.js';
import { summarize } from './summary.js';
import { verdict } from './verdict.js';
import { World } from './world.js';

const ACTS_PER_ROUND = 10;
const KILL_PROBABILITY = 0.9;
const RECOVERY_MS = 60_000;
const MAX_MINUTES = 24 * 60;

/** What goes on beside the kills. */
const OTHERS: readonly (readonly [string, scenarios.Scenario])[] = [
  ['kill anywhere', scenarios.killAnywhere],
  ['stampede', scenarios.stampede(60)],
  ['same key', scenarios.sameKey],
  ['faults', scenarios.faults],
  ['two tokens, one trade', scenarios.twoTokensOneTrade],
  ['expired', scenarios.expired],
  ['expires before the PUT', scenarios.expiresBeforePut],
  ['stop before the PUT', scenarios.stopAround('before_put', 700)],
  ['stop past the window', scenarios.stopAround('before_put', 11_000)],
  ['stop after the PUT', scenarios.stopAround('after_put', 900)],
  ['stop past the others', scenarios.stopAround('before_tx2', 14_000)],
  ['stop during the PUT', scenarios.stopDuringPut],
  ['cut before the ledger', scenarios.cutAt('before_tx1')],
  ['cut after the ledger', scenarios.cutAt('after_tx1')],
  ['cut after the PUT', scenarios.cutAt('before_tx2')],
  ['cut all', scenarios.cutAll],
  ['freeze', scenarios.freezeRace],
  ['revoke', scenarios.revokeRace],
  ['wrong uses', scenarios.wrongUses],
];

function options(): { minutes: number; seed: number; kills: number } {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      kills: { type: 'string', default: '1000000' },
    },
  });
  const [minutes, seed, kills] = [Number(values.minutes), Number(values.seed), Number(values.kills)];
  if (!(minutes > 0 && minutes <= MAX_MINUTES) || !Number.isInteger(seed) || !(kills >= 1)) {
    throw new Error('usage: npm run chaos -- --minutes N --seed S [--kills N]');
  }
  return { minutes, seed, kills };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function round(world: World, random: Random, number: number): Promise<boolean> {
  const names: string[] = [];
  for (let act = 0; act < ACTS_PER_ROUND; act += 1) {
    const [name, scenario] = random.pick(OTHERS);
    const acts = [scenario(world, random.fork())];
    names.push(name);
    if (random.chance(KILL_PROBABILITY)) {
      const point = random.pick(scenarios.CRASH_POINTS);
      names.push(`kill ${point}`);
      acts.push(scenarios.killAt(point)(world, random.fork()));
    }
    await Promise.all(acts);
  }
  await world.whole();
  const open = await world.recovered(RECOVERY_MS);
  world.clearTrades();
  const evidence = await world.evidence();
  const violations = verdict(evidence);
  const { kills, puts, effects, commits } = summarize(world, evidence);
  say(
    `round ${number}: ${names.join(', ')} | so far ${kills} kills, ${commits} commits, ${puts} PUTs, ${effects} effects, ` +
      `${open} open, ${violations.length} violations`,
  );
  return violations.length === 0;
}

async function run(): Promise<boolean> {
  const { minutes, seed, kills } = options();
  say(`seed ${seed}`);
  const until = performance.now() + minutes * 60_000;
  const random = new Random(seed);
  const world = await World.start({ instances: 3, timing: {} });
  try {
    let sound = true;
    for (let number = 1; sound && performance.now() < until && world.history.count('kill') < kills; number += 1) {
      sound = await round(world, random, number);
    }
    const evidence = await world.evidence();
    const violations = verdict(evidence);
    say(JSON.stringify(summarize(world, evidence), null, 2));
    for (const { invariant, what } of violations) say(`VIOLATION of ${invariant}: ${what}`);
    if (violations.length > 0) say(world.complaints());
    say(violations.length === 0 ? 'no violation' : `${violations.length} violations (seed ${seed})`);
    return violations.length === 0;
  } finally {
    await world.stop();
  }
}

const server = await startTestServer();
try {
  if ('error' in server) throw new Error(server.error);
  process.env['TEST_SERVER'] = JSON.stringify(server);
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await stopTestServer();
}
