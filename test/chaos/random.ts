import { seededRandom } from '../../src/sandbox/data/seeded-random.js';

/** Choices that are the same again for the same seed. */
export class Random {
  private drawn = 0;

  constructor(readonly seed: number) {}

  /** From 0 up to, not including, `end`; an integer. */
  below(end: number): number {
    this.drawn += 1;
    return Math.floor(seededRandom(this.seed, this.drawn) * end);
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** A source of its own for something that goes on beside others: it draws the same, whoever is faster. */
  fork(): Random {
    return new Random(this.below(2 ** 31));
  }

  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000;
  }
}
