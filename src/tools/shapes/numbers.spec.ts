import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fraction, money, multiply, round, sum } from './numbers.js';

const double = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('numbers', () => {
  it.each([
    [-0.005, 2, 0],
    [-1.005, 2, -1],
    [-0.125, 2, -0.12],
    [0.125, 2, 0.13],
    [2.345, 2, 2.35],
    [1.005, 2, 1],
    [0.33335, 4, 0.3334],
    [1e308, 2, 1e308],
    [-1e308, 4, -1e308],
  ])('rounds %d to %d decimals: %d', (value, digits, expected) => {
    expect(round(value, digits)).toBe(expected);
  });

  it('never gives what JSON cannot carry, nor a minus zero', () => {
    fc.assert(
      fc.property(double, double, fc.array(double), (a, b, values) => {
        for (const result of [multiply(a, b), sum(values), money(a), fraction(b), money(multiply(a, b))]) {
          expect(Number.isFinite(result)).toBe(true);
        }
        expect(Object.is(money(a), -0)).toBe(false);
      }),
    );
  });

  it('keeps a sum that overflows on the way at the largest number', () => {
    expect(sum([1e308, 1e308])).toBe(Number.MAX_VALUE);
    expect(sum([1e308, 1e308, -1e308, -1e308, -1e308])).toBeLessThan(0);
  });
});
