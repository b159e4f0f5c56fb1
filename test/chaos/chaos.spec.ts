import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Random } from './random.js';
import * as scenarios from './scenarios.js';
import { summarize } from './summary.js';
import { verdict } from './verdict.js';
import { World } from './world.js';

/** Shorter than in production, so that what is left open is ended while the test waits. */
const TIMING = { sendWindowMs: 2_500, settleMs: 2_000, leaseMs: 3_000, pollMs: 200, repeatMs: 1_500 };
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const RECOVERY_MS = 20_000;

/** Between two kills, while the killed one starts again. */
const BETWEEN: readonly (readonly scenarios.Scenario[])[] = [
  [scenarios.stampede(150), scenarios.wrongUses],
  [scenarios.faults, scenarios.expired],
  [scenarios.freezeRace, scenarios.stopDuringPut],
  [scenarios.revokeRace, scenarios.expiresBeforePut],
  [scenarios.cutAt('before_tx2'), scenarios.stopAround('before_put', 300), scenarios.twoTokensOneTrade],
  [scenarios.cutAll, scenarios.stampede(100)],
];

describe('crashes and races', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ instances: 3, timing: TIMING });
  }, 60_000);
  afterAll(() => world?.stop(), 30_000);

  it(`no promise of the write tools is broken by them (CHAOS_SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    for (const [index, point] of scenarios.CRASH_POINTS.entries()) {
      await scenarios.killAt(point)(world, random.fork());
      await Promise.all(BETWEEN[index]!.map((scenario) => scenario(world, random.fork())));
    }
    await scenarios.sameKey(world, random.fork());
    await world.recovered(RECOVERY_MS);

    const evidence = await world.evidence();
    const violations = verdict(evidence);
    expect({ violations, log: violations.length > 0 ? world.complaints() : '' }).toEqual({ violations: [], log: '' });

    const { answers, endings, killedAt, ...counts } = summarize(world, evidence);
    expect(Object.keys(killedAt).sort()).toEqual([...scenarios.CRASH_POINTS, 'anywhere'].sort());
    expect(counts).toMatchObject({ kills: 7, stops: 3, cuts: 2, freezes: 1, revocations: 1 });
    for (const code of [
      'ok',
      'lost',
      'commit_unknown',
      'commit_refused',
      'action_token_used',
      'action_token_expired',
    ]) {
      expect([code, answers[code] ?? 0]).not.toEqual([code, 0]);
    }
    for (const status of ['succeeded', 'refused', 'not_applied', 'undetermined']) {
      expect([status, endings[status] ?? 0]).not.toEqual([status, 0]);
    }
    const late = evidence.events.filter((event) => event.kind === 'commit' && event.told === 'action_token_expired');
    expect(late).toContainEqual(expect.objectContaining({ instance: world.wrongClock.number }));
    expect(counts.puts).toBeGreaterThan(counts.effects);
    expect(counts.effects).toBeGreaterThan(10);
  }, 200_000);
});
