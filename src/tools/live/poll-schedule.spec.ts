import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DEFAULT_LIVE_SETTINGS } from './live-settings.js';
import { type Look, PollSchedule } from './poll-schedule.js';

const pace = { ...DEFAULT_LIVE_SETTINGS, jitter: 0 };
const failed: Look = { failedFor: undefined };

function waits(looks: readonly Look[]): number[] {
  const schedule = new PollSchedule(pace);
  return looks.map((look) => schedule.after(look));
}

describe('PollSchedule', () => {
  it('looks ever less often while nothing changes, and as often as it may after a change', () => {
    expect(waits(['changed', 'same', 'same', 'same', 'same', 'same', 'same', 'same', 'changed'])).toEqual([
      5_000, 7_500, 11_250, 16_875, 25_312.5, 30_000, 30_000, 30_000, 5_000,
    ]);
  });

  it('backs off while looking fails, and forgets it with the first look that does not', () => {
    expect(waits([failed, failed, failed, failed, failed, failed, 'same', failed])).toEqual([
      5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 7_500, 5_000,
    ]);
  });

  it('leaves pwa-be alone for as long as it asks', () => {
    expect(waits([{ failedFor: 17 }, { failedFor: 1 }, { failedFor: 300 }])).toEqual([17_000, 10_000, 300_000]);
  });

  it('spreads what would come at once', () => {
    const at = (random: number) => new PollSchedule(DEFAULT_LIVE_SETTINGS, () => random).after('changed');
    expect([at(0), at(0.5), at(1)]).toEqual([4_000, 5_000, 6_000]);
  });

  it('never looks more often than the fastest interval, nor less often than the slowest, jitter aside', () => {
    const anyLook = fc.oneof(
      fc.constantFrom<Look>('changed', 'same'),
      fc.record({ failedFor: fc.option(fc.double({ min: 0, max: 60, noNaN: true }), { nil: undefined }) }),
    );
    fc.assert(
      fc.property(fc.array(anyLook, { maxLength: 60 }), (looks) => {
        for (const wait of waits(looks)) {
          expect(wait).toBeGreaterThanOrEqual(pace.fastestMs);
          expect(wait).toBeLessThanOrEqual(pace.longestRetryMs);
        }
      }),
    );
  });
});
