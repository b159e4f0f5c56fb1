import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { z } from 'zod';
import {
  ACCESS,
  arbitrary,
  CHART,
  EXCHANGE,
  REFERRALS,
  SIGNAL,
  STAKE,
  SUBSCRIPTION,
  USER,
} from '../../../test/tools/wire.js';
import { accountSummarySchema, toAccountSummary } from './account.shape.js';
import { pnlHistorySchema, toPnlHistory } from './pnl.shape.js';
import { poolStatusSchema, toPoolStatus } from './pool.shape.js';
import { positionSchema, toPosition } from './position.shape.js';
import { referralStatsSchema, toReferralStats } from './referral.shape.js';
import { signalDetailsSchema, toSignalDetails } from './signal-details.shape.js';
import { signalSchema, toSignal } from './signal.shape.js';
import { subscriptionInfoSchema, toSubscriptionInfo } from './subscription.shape.js';

/** Every shape with its schema, a healthy sample, and whatever else may come in its place. */
function shape<Rows>(schema: z.ZodObject, apply: (rows: Rows) => unknown, sample: Rows, any: fc.Arbitrary<Rows>) {
  return {
    schema,
    apply: apply as (rows: unknown) => unknown,
    sample: sample as unknown,
    any: any as fc.Arbitrary<unknown>,
  };
}

const shapes = {
  signal: shape(signalSchema, toSignal, SIGNAL, arbitrary.signal),
  'ended signal': shape(signalDetailsSchema, toSignalDetails, { ...SIGNAL, active: false }, arbitrary.signal),
  'open position': shape(positionSchema, toPosition, SIGNAL, arbitrary.signal),
  'closed position': shape(positionSchema, toPosition, { ...SIGNAL, active: false }, arbitrary.signal),
  'closed position that never changed': shape(
    positionSchema,
    toPosition,
    { ...SIGNAL, active: false, updatedAt: null },
    arbitrary.signal,
  ),
  account: shape(
    accountSummarySchema,
    (rows) => toAccountSummary(rows, 0),
    { user: USER, access: ACCESS, subscriptions: [{ ...SUBSCRIPTION, trial: true }], exchanges: [EXCHANGE] },
    fc.record({
      user: arbitrary.user,
      access: arbitrary.access,
      subscriptions: fc.array(arbitrary.subscription),
      exchanges: fc.array(arbitrary.exchange),
    }),
  ),
  pnl: shape(pnlHistorySchema, (chart) => toPnlHistory(chart, '7d'), CHART, arbitrary.chart),
  pool: shape(poolStatusSchema, toPoolStatus, [STAKE], fc.array(arbitrary.stake)),
  subscription: shape(
    subscriptionInfoSchema,
    ({ subscriptions, access }) => toSubscriptionInfo(subscriptions, access),
    { subscriptions: [SUBSCRIPTION], access: ACCESS },
    fc.record({ subscriptions: fc.array(arbitrary.subscription), access: arbitrary.access }),
  ),
  referral: shape(
    referralStatsSchema,
    ({ stats, user }) => toReferralStats(stats, user),
    { stats: REFERRALS, user: USER },
    fc.record({ stats: arbitrary.referrals, user: arbitrary.user }),
  ),
};

const INVISIBLE = /\p{C}/u;
/** Control, bidi, zero-width, tag characters, half a pair, and too much of everything. */
const POISON = `\u0000\u001b[2J\u202eevil\u200b\u{e0041}\ud800\r\n${'long '.repeat(2_000)}`;
/** These decide which branch is taken; an enum of the wire cannot be poisoned. */
const ENUMS = new Set(['positionType', 'signalType']);

/** Copies of a value, each with one of its strings replaced, and the path of that string. */
function* poisoned(value: unknown, path = ''): Generator<[string, unknown]> {
  if (typeof value === 'string') yield [path, `${value}${POISON}`];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (ENUMS.has(key)) continue;
    for (const [where, copy] of poisoned(member, `${path}.${key}`)) {
      yield [
        where,
        Array.isArray(value) ? value.map((old, i) => (String(i) === key ? copy : old)) : { ...value, [key]: copy },
      ];
    }
  }
}

function* strings(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) yield* strings(member);
}

function expectClean(result: unknown): void {
  for (const string of strings(result)) {
    expect(string).not.toMatch(INVISIBLE);
    expect(string.length).toBeLessThanOrEqual(700);
  }
}

describe.each(Object.entries(shapes))('%s', (_name, { schema, apply, sample, any }) => {
  it('is fit for a model whichever string of pwa-be is poisoned', () => {
    const cases = [...poisoned(sample)];
    expect(cases.length).toBeGreaterThan(0);
    for (const [path, rows] of cases) {
      const result = apply(rows);
      expectClean(result);
      expect({ path, valid: schema.safeParse(result).success }).toEqual({ path, valid: true });
    }
  });

  it('fits its schema, with numbers that JSON can carry, whatever pwa-be sends', () => {
    fc.assert(
      fc.property(any, (rows) => {
        const result = apply(rows);
        expectClean(result);
        expect(schema.parse(JSON.parse(JSON.stringify(result)))).toEqual(JSON.parse(JSON.stringify(result)));
      }),
    );
  });
});
